import 'reflect-metadata';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { beforeAll, expect, test } from 'vitest';
import type { Authorizer } from '../../../../shared/authz/authorizer.ts';
import {
  createPodCertificateRequestStatusStrategy,
  podCertificateRequestStrategy,
} from '../../../../shared/registry/certificates/podcertificaterequest/strategy.ts';
import { certificateRequest, type GeneratedRequest } from '../../../fixtures/certificate-request.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';
import { certificate } from '../../authn/pki.ts';

let stub: GeneratedRequest;
beforeAll(async () => {
  stub = await certificateRequest();
});

const request = (spec: object = {}, status: object = {}) => ({
  apiVersion: 'certificates.k8s.io/v1beta1',
  kind: 'PodCertificateRequest',
  spec: {
    signerName: 'example.com/signer',
    podName: 'pod',
    podUID: 'pod-uid',
    serviceAccountName: 'default',
    serviceAccountUID: 'sa-uid',
    nodeName: 'node',
    nodeUID: 'node-uid',
    stubPKCS10Request: stub.der.toString('base64'),
    ...spec,
  },
  status,
});
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const EXACTLY_ONE =
  'spec: Invalid value: exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set';

const weak = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const spki = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).toString('base64');

test.each<[string, () => object, string[]]>([
  ['a valid request', () => ({}), []],
  [
    'all fields invalid',
    () => ({
      signerName: 'signer',
      podName: 'Pod',
      podUID: '',
      serviceAccountUID: 'x'.repeat(129),
      maxExpirationSeconds: 3599,
      stubPKCS10Request: 'AAAA',
      unverifiedUserAnnotations: { plain: 'x' },
    }),
    [
      'spec.signerName: Invalid value: "signer": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
      'spec.unverifiedUserAnnotations: Invalid value: "plain": must be a domain-prefixed key (such as "acme.io/foo")',
      `spec.podName: Invalid value: "Pod": ${SUBDOMAIN}`,
      'spec.podUID: Invalid value: "": must not be empty',
      'spec.serviceAccountUID: Too long: may not be more than 128 bytes',
      'spec.maxExpirationSeconds: Invalid value: 3599: must be in the range [3600, 7862400]',
      'spec.stubPKCS10Request: Invalid value: must be a valid PKCS#10 CSR',
    ],
  ],
  [
    'the longest lifetime of a Kubernetes signer',
    () => ({ signerName: 'kubernetes.io/signer', maxExpirationSeconds: 86_401 }),
    ['spec.maxExpirationSeconds: Invalid value: 86401: must be in the range [3600, 86400]'],
  ],
  ['no key', () => ({ stubPKCS10Request: undefined }), [EXACTLY_ONE]],
  ['two keys', () => ({ pkixPublicKey: 'AAAA', proofOfPossession: 'AAAA' }), [EXACTLY_ONE]],
  [
    'a bad public key',
    () => ({ stubPKCS10Request: undefined, pkixPublicKey: 'AAAA', proofOfPossession: 'AAAA' }),
    ['spec.pkixPublicKey: Invalid value: "AAAA": must be a valid PKIX-serialized public key'],
  ],
  [
    'a weak public key',
    () => ({
      stubPKCS10Request: undefined,
      pkixPublicKey: spki(weak().publicKey),
      proofOfPossession: 'AAAA',
    }),
    ['spec.pkixPublicKey: Invalid value: "2048-bit modulus": RSA keys must have modulus size 3072 or 4096'],
  ],
])('create: %s', async (_, spec, causes) => {
  expect(await createCauses(podCertificateRequestStrategy, request(spec()))).toEqual(causes);
});

test('a request requires a strong key', async () => {
  const { der } = await certificateRequest({ kind: 'rsa' });
  const spec = { stubPKCS10Request: der.toString('base64') };
  expect(await createCauses(podCertificateRequestStrategy, request(spec))).toEqual([
    'spec.stubPKCS10Request: Invalid value: "2048-bit modulus": RSA keys must have modulus size 3072 or 4096',
  ]);
});

test.each(['ec', 'ed25519'] as const)('proof of possession of the key: %s', async (kind) => {
  const { publicKey, privateKey } =
    kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-384' }) : generateKeyPairSync('ed25519');
  const prove = (data: string) => ({
    stubPKCS10Request: undefined,
    pkixPublicKey: spki(publicKey),
    proofOfPossession: sign(kind === 'ec' ? 'sha256' : null, Buffer.from(data), privateKey).toString(
      'base64',
    ),
  });
  expect(await createCauses(podCertificateRequestStrategy, request(prove('pod-uid')))).toEqual([]);
  expect(await createCauses(podCertificateRequestStrategy, request(prove('another')))).toEqual([
    'spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature',
  ]);
});

test('the spec is immutable', async () => {
  const update = { from: request(), to: request({ podName: 'other' }) };
  const causes = await updateCauses(podCertificateRequestStrategy, update);
  expect(causes).toEqual([expect.stringMatching(/^spec: Invalid value: \{.*\}: field is immutable$/)]);
});

const now = Math.floor(Date.now() / 1000) * 1000;
const iso = (offsetMinutes: number): string =>
  new Date(now + offsetMinutes * 60_000).toISOString().replace('.000', '');
const condition = (type: string, status = 'True') => ({
  type,
  status,
  reason: 'Because',
  message: '',
  lastTransitionTime: iso(0),
});

async function issue(
  options: {
    readonly minutes?: number;
    readonly anotherKey?: boolean;
    readonly names?: x509.JsonGeneralNames;
  } = {},
): Promise<string> {
  const issuer = await certificate({ name: 'CN=ca' });
  const created = await x509.X509CertificateGenerator.create({
    subject: 'CN=pod',
    issuer: 'CN=ca',
    notBefore: new Date(now),
    notAfter: new Date(now + (options.minutes ?? 120) * 60_000),
    publicKey: (options.anotherKey ? issuer.keys.publicKey : stub.keys.publicKey) as never,
    signingKey: issuer.keys.privateKey as never,
    signingAlgorithm: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
    extensions: options.names ? [new x509.SubjectAlternativeNameExtension(options.names)] : [],
  });
  return `${created.toString('pem')}\n`;
}

const issued = (certificateChain: string, fields: object = {}) => ({
  conditions: [condition('Issued')],
  certificateChain,
  notBefore: iso(0),
  notAfter: iso(120),
  beginRefreshAt: iso(60),
  ...fields,
});
const everybody: Authorizer = { authorize: async () => ({ decision: 'Allow', reason: '' }) };
const noOpinion: Authorizer = { authorize: async () => ({ decision: 'NoOpinion', reason: '' }) };
const statusStrategy = createPodCertificateRequestStatusStrategy(everybody);
const CHAIN = 'status.certificateChain: Invalid value:';

test.each<[string, () => Promise<object> | object, string[] | RegExp]>([
  ['nothing', () => ({}), []],
  ['a certificate', async () => issued(await issue()), []],
  ['a chain', async () => issued(`${await issue()}${await issue()}`), []],
  ['no', () => ({ conditions: [condition('Denied')] }), []],
  [
    'failed, with a certificate',
    () => ({ conditions: [condition('Failed')], certificateChain: 'x' }),
    [
      'status: Invalid value: non-condition status fields must be empty when denying or failing the PodCertificateRequest',
    ],
  ],
  [
    'contradictory conditions',
    () => ({ conditions: [condition('Issued'), condition('Denied', 'False'), condition('Maybe')] }),
    [
      'status.conditions.[1].type: Invalid value: "Denied": There may be at most one condition with type "Issued", "Denied", or "Failed"',
      'status.conditions.[1].status: Unsupported value: "False": supported values: "True"',
      'status.conditions.[2].type: Unsupported value: "Maybe": supported values: "Issued", "Denied", "Failed"',
    ],
  ],
  [
    'only times',
    () => ({ notBefore: iso(0) }),
    ['status: Invalid value: status is immutable unless transitioning to "Issued", "Denied", or "Failed"'],
  ],
  [
    'no certificate',
    () => issued(''),
    [`${CHAIN} "": issued certificate chain must contain at least one certificate`],
  ],
  [
    'a key',
    () => issued('-----BEGIN KEY-----\n-----END KEY-----\n'),
    /must consist entirely of CERTIFICATE PEM blocks$/,
  ],
  [
    'an invalid certificate',
    () => issued('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
    /leaf certificate does not parse as valid X.509$/,
  ],
  [
    'for another key',
    async () => issued(await issue({ anotherKey: true })),
    /not issued to the requested public key$/,
  ],
  [
    'briefly',
    async () => issued(await issue({ minutes: 59 }), { notAfter: iso(59) }),
    /3540000000000: .* lifetime must be >= 1 hour$/,
  ],
  [
    'with a too long lifetime',
    async () => issued(await issue({ minutes: 1441 }), { notAfter: iso(1441) }),
    /lifetime must be <= spec.maxExpirationSeconds \(86400\)$/,
  ],
  [
    'without times',
    async () =>
      issued(await issue(), { notBefore: undefined, notAfter: undefined, beginRefreshAt: undefined }),
    [
      'status.notBefore: Required value: must be present and consistent with the issued certificate',
      'status.notAfter: Required value: must be present and consistent with the issued certificate',
      'status.beginRefreshAt: Required value: must be present and in the range [notbefore+10min, notafter-10min]',
    ],
  ],
  [
    'with another start',
    async () => issued(await issue(), { notBefore: iso(1) }),
    [
      `status.notBefore: Invalid value: "${iso(1)}": must be set to the NotBefore time encoded in the leaf certificate`,
    ],
  ],
  [
    'with another end',
    async () => issued(await issue(), { notAfter: iso(1) }),
    [
      `status.notAfter: Invalid value: "${iso(1)}": must be set to the NotAfter time encoded in the leaf certificate`,
    ],
  ],
  [
    'with a too early refresh',
    async () => issued(await issue(), { beginRefreshAt: iso(9) }),
    [`status.beginRefreshAt: Invalid value: "${iso(9)}": must be at least 10 minutes after status.notBefore`],
  ],
  [
    'with a too late refresh',
    async () => issued(await issue(), { beginRefreshAt: iso(111) }),
    [
      `status.beginRefreshAt: Invalid value: "${iso(111)}": must be at least 10 minutes before status.notAfter`,
    ],
  ],
])('status: %s', async (_, status, causes) => {
  const update = { from: request(), to: request({}, await status()) };
  const found = await updateCauses(statusStrategy, update);
  if (causes instanceof RegExp) expect(found).toEqual([expect.stringMatching(causes)]);
  else expect(found).toEqual(causes);
});

test('names of the certificate', async () => {
  const names: x509.JsonGeneralNames = [
    { type: 'dns', value: '.a..b' },
    { type: 'email', value: 'nobody' },
  ];
  const status = issued(await issue({ names }), { notBefore: undefined });
  expect(await updateCauses(statusStrategy, { from: request(), to: request({}, status) })).toEqual([
    `${CHAIN} ".a..b": leaf certificate's DNSName should not contain '..'`,
    `${CHAIN} ".a..b": leaf certificate's DNSName should not start or end with '.'`,
    `${CHAIN} "nobody": leaf certificate should not contain invalid EmailAddress`,
    'status.notBefore: Required value: must be present and consistent with the issued certificate',
  ]);
});

test('a decision is final', async () => {
  const from = request({}, { conditions: [condition('Denied')] });
  const to = request({}, { conditions: [condition('Failed')] });
  expect(await updateCauses(statusStrategy, { from, to })).toEqual([
    'status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed',
  ]);
});

test('only signers may decide', async () => {
  const update = { from: request(), to: request({}, { conditions: [condition('Denied')] }) };
  expect(await updateCauses(createPodCertificateRequestStatusStrategy(noOpinion), update)).toEqual([
    expect.stringMatching(
      /^spec\.signerName: Forbidden: User ".*" is not permitted to "sign" for signer "example\.com\/signer"$/,
    ),
  ]);
});
