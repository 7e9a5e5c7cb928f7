/** Signing requests for each signer, from creation to certificate, with the authorization of each step. */

import type { Session, Step } from '../exchange.ts';
import { get, object, patch, post, put, remove, TABLE } from './steps.ts';

const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

/** PEM in base64: certificate requests of a node, a person, and a node's serving certificate; and a certificate. */
const NODE =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIc01JR1NBZ0VBTURBeEZUQVRCZ05WQkFvTURITjVjM1JsYlRwdWIyUmxjekVYTUJVR0ExVUVBd3dPYzNsegpkR1Z0T201dlpHVTZiakV3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVEzd0Y5Z0hvekRjVXlVCiszN0FTTEVGQlRWenpqaWFyUmgxNWhOMzYwM3VkWCtQNnNseXlrV0VTMktyelRQYk1NendXR3FUNllIbkdsVUUKSXFuS3RjQlBvQUF3Q2dZSUtvWkl6ajBFQXdJRFNRQXdSZ0loQU9FV0dMQ3N2TEdhTmllOWRaWmhFck92Wm1FTApXb1hQakNaODJDcXNnUVdSQWlFQWwrSkUrZFMyN1BBNENVUENRaUlpOHZaSC8ycDkxZmtPMzBtR0VsdXhiR2s9Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=';
const PERSON =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIWU1IOENBUUF3SFRFTU1Bb0dBMVVFQ2d3RFpHVjJNUTB3Q3dZRFZRUUREQVJxWVc1bE1Ga3dFd1lIS29aSQp6ajBDQVFZSUtvWkl6ajBEQVFjRFFnQUVwd2dyMC9GblprVGh0cndGUFZ6SHVkVFMxdHlJWmloK040V3Z2Y2VYCkZsYjdrU0sxMEFLWUJnQ29lZVhmZk5rSDFFWXV1eWJqTUgwTXo2RzBNZGErVXFBQU1Bb0dDQ3FHU000OUJBTUMKQTBrQU1FWUNJUUNQV3FkaGswTVhmZTVFSjEzbHNNVEVRNFFVRVc2NHVIN1pYTSs0cWRlUWt3SWhBTmFXaTVmLwpRTzZWSWRIbDB6amVFeU83QjNqejVlQWF2ZmVQYm11TGVlQ0IKLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==';
const SERVING =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlJQkVqQ0J1QUlCQURBd01SVXdFd1lEVlFRS0RBeHplWE4wWlcwNmJtOWtaWE14RnpBVkJnTlZCQU1NRG5ONQpjM1JsYlRwdWIyUmxPbTR4TUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFdWx5NHR1OG9ZR1RZCmZ6emhaWWJXRTVhbm9pQlZRVnBabDZtWDFsQ0dsSFV4Q0Y5bWRIUHYvYVNULzVyQStMZnZ1RWlpZE1temFWU3oKcWNDcmtYdjVZS0FtTUNRR0NTcUdTSWIzRFFFSkRqRVhNQlV3RXdZRFZSMFJCQXd3Q29JQ2JqR0hCQUVDQXdRdwpDZ1lJS29aSXpqMEVBd0lEU1FBd1JnSWhBTi9HeFZZUVpuMmdCemFUa1NTWVdGVzBRa0l1L1JzbmpyaUNiSWdqCmtRbWdBaUVBbUJyWDgzU0N1d05FMER6TFQ3UzhjSjdGRGp1dDVmZmRWNGNtUkplM3huYz0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==';
const CERTIFICATE =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJiekNDQVJXZ0F3SUJBZ0lVSDhQQnZBVlZGUkxEK0h1dk1hcEI4eGZZTmhBd0NnWUlLb1pJemowRUF3SXcKRERFS01BZ0dBMVVFQXd3QmVEQWdGdzB5TmpFeE16QXhNVEEyTlRsYUdBOHlNVEE1TURFeE9URXhNRFkxT1ZvdwpEREVLTUFnR0ExVUVBd3dCZURCWk1CTUdCeXFHU000OUFnRUdDQ3FHU000OUF3RUhBMElBQkdta0lRalR6M2ErCk9mTFY5NmxtdDdtRXRZUCs0Y1R2WllEMVRGZTdJOW5jZzJxRGFVZk52N0plcjBHSDhSY2ZoOHlyaWJQbW5sNEwKVTFZSU0wd2ZGL0dqVXpCUk1CMEdBMVVkRGdRV0JCUU5sYXhQOTlXSGRITWtaNGtrV0pKUjJtOTFzREFmQmdOVgpIU01FR0RBV2dCUU5sYXhQOTlXSGRITWtaNGtrV0pKUjJtOTFzREFQQmdOVkhSTUJBZjhFQlRBREFRSC9NQW9HCkNDcUdTTTQ5QkFNQ0EwZ0FNRVVDSVFEcGZxdHBMU2JJOGppVjBVM0xqdG0rL3N2aUNwTUszVndVOXBhTUdGdmYKS3dJZ2N1cGFLVVB3MzdDUmdtN0c5V2ZVR2sxdmg2RXhEcSt5cHVQSGRpZFltY1E9Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K';

const SIGNERS = [
  'example.com/x',
  'kubernetes.io/kube-apiserver-client',
  'kubernetes.io/kube-apiserver-client-kubelet',
  'kubernetes.io/kubelet-serving',
  'kubernetes.io/legacy-unknown',
  'kubernetes.io/other',
  'x',
  'a.b/C_d',
  '',
];
const USAGES: readonly (readonly string[])[] = [
  ['client auth'],
  ['digital signature', 'client auth'],
  ['digital signature', 'key encipherment', 'server auth'],
  ['any', 'odd'],
  [],
];

const csr = (name: string, spec: object, more: object = {}) =>
  object('certificates.k8s.io/v1', 'CertificateSigningRequest', name, { spec, ...more });
const condition = (type: string, more: object = {}) => ({
  type,
  status: 'True',
  reason: 'R',
  message: 'm',
  ...more,
});
const as = (user: string, groups: string, step: Step): Step => ({
  ...step,
  headers: { ...step.headers, 'impersonate-user': user, 'impersonate-group': groups },
});

const keptSpec = { request: PERSON, signerName: 'example.com/x', usages: ['client auth'] };
const kept = csr('$N', keptSpec);
const STEPS: readonly Step[] = [
  ...SIGNERS.flatMap((signerName) =>
    USAGES.map((usages) => post(`${CSRS}?dryRun=All`, csr('x', { request: PERSON, signerName, usages }))),
  ),
  ...[NODE, SERVING, CERTIFICATE, '', 'eA==', '!'].flatMap((request) =>
    SIGNERS.slice(1, 4).map((signerName) =>
      post(
        `${CSRS}?dryRun=All`,
        csr('x', { request, signerName, usages: ['digital signature', 'client auth'] }),
      ),
    ),
  ),
  ...[
    { expirationSeconds: 600 },
    { expirationSeconds: 599 },
    { expirationSeconds: -1 },
    { username: 'other', uid: 'u', groups: ['g'], extra: { a: ['b'] } },
  ].map((more) =>
    post(
      `${CSRS}?dryRun=All`,
      csr('x', { request: PERSON, signerName: 'example.com/x', usages: ['client auth'], ...more }),
    ),
  ),
  post(`${CSRS}?dryRun=All`, {
    ...kept,
    status: { conditions: [condition('Approved')], certificate: CERTIFICATE },
  }),
  as('jane', 'system:authenticated', post(`${CSRS}?dryRun=All`, kept)),
  ...(
    [
      ['n1', NODE, 'kubernetes.io/kube-apiserver-client-kubelet', 'client auth'],
      ['n1', SERVING, 'kubernetes.io/kubelet-serving', 'server auth'],
      ['n2', SERVING, 'kubernetes.io/kubelet-serving', 'server auth'],
    ] as const
  ).map(([node, request, signerName, usage]) =>
    as(
      `system:node:${node}`,
      'system:nodes',
      post(`${CSRS}?dryRun=All`, csr('x', { request, signerName, usages: ['digital signature', usage] })),
    ),
  ),
  post(CSRS, kept),
  get(`${CSRS}/$N`),
  get(`${CSRS}/$N`, TABLE),
  get(`${CSRS}?fieldSelector=spec.signerName%3Dexample.com%2Fx,metadata.name%3D$N`),
  get(`${CSRS}?fieldSelector=spec.signerName%3Dother`),
  ...[
    { usages: ['any'] },
    { signerName: 'example.com/y' },
    { request: NODE },
    { expirationSeconds: 700 },
    { username: 'x' },
  ].map((spec) => patch('merge', `${CSRS}/$N?dryRun=All`, { spec })),
  patch('merge', `${CSRS}/$N?dryRun=All`, { status: { certificate: CERTIFICATE } }),
  ...['approval', 'status'].flatMap((part) => [
    ...[
      { conditions: [condition('Approved')] },
      { conditions: [condition('Denied')] },
      { conditions: [condition('Failed')] },
      { conditions: [condition('Odd')] },
      { conditions: [condition('Approved'), condition('Denied')] },
      { conditions: [condition('Approved'), condition('Approved')] },
      { conditions: [condition('Approved', { status: 'False' })] },
      { conditions: [condition('Approved', { status: '' })] },
      { conditions: [{ type: '' }] },
      { conditions: [condition('Approved', { message: '', reason: '' })] },
      { certificate: CERTIFICATE },
      { certificate: 'eA==' },
      { certificate: NODE },
    ].map((status) => put(`${CSRS}/$N/${part}?dryRun=All`, csr('$N', keptSpec, { status }))),
    as('jane', 'system:authenticated', put(`${CSRS}/$N/${part}`, csr('$N', {}, { status: {} }))),
    patch('merge', `${CSRS}/$N/${part}?dryRun=All`, { status: { conditions: [condition('Approved')] } }),
    patch(
      'apply',
      `${CSRS}/$N/${part}?dryRun=All&fieldManager=f`,
      csr('$N', {}, { status: { conditions: [condition('Failed')] } }),
    ),
  ]),
  patch('merge', `${CSRS}/$N/approval`, { status: { conditions: [condition('Approved')] } }),
  get(`${CSRS}/$N`, TABLE),
  patch('merge', `${CSRS}/$N/approval`, { status: { conditions: [condition('Denied')] } }),
  patch('merge', `${CSRS}/$N/approval`, { status: { conditions: [] } }),
  patch('merge', `${CSRS}/$N/approval`, {
    status: { conditions: [condition('Approved', { message: 'n' })] },
  }),
  patch('merge', `${CSRS}/$N/status`, { status: { certificate: CERTIFICATE } }),
  get(`${CSRS}/$N`, TABLE),
  patch('merge', `${CSRS}/$N/status`, { status: { certificate: null } }),
  patch('merge', `${CSRS}/$N/status`, {
    status: { conditions: [condition('Approved'), condition('Failed')] },
  }),
  get(`${CSRS}/$N/approval`),
  get(`${CSRS}/$N/status`),
  remove(`${CSRS}/$N`),
  post(CSRS, csr('$N', { request: PERSON, signerName: 'example.com/x', usages: ['client auth'] })),
  patch('merge', `${CSRS}/$N/approval`, { status: { conditions: [condition('Denied')] } }),
  get(`${CSRS}/$N`, TABLE),
  patch('merge', `${CSRS}/$N/status`, { status: { certificate: CERTIFICATE } }),
  patch('merge', `${CSRS}/$N/status`, { status: { conditions: [condition('Denied'), condition('Failed')] } }),
  get(`${CSRS}/$N`, TABLE),
  remove(`${CSRS}/$N`),
];

export function signing(): Session[] {
  return [{ name: 'signing by each signer', steps: STEPS }];
}
