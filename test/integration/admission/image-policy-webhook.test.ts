import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdmissionPlugin } from '../../../shared/admission/admission.ts';
import { imagePolicyWebhook } from '../../../shared/admission/plugins/image-policy-webhook.ts';
import {
  type AdmissionCase,
  type AdmissionOutcome,
  PASSED,
  refused,
  runPlugin,
  testDependencies,
} from '../../fixtures/admission.ts';
import {
  privateKeyPEM,
  startWebhookServer,
  type TestAuthority,
  testAuthority,
  type WebhookServer,
} from '../../fixtures/webhook-server.ts';
import { certificate } from '../../unit/authn/pki.ts';

let directory: string;
let authority: TestAuthority;
let server: WebhookServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'image-policy-'));
  authority = await testAuthority();
  server = await startWebhookServer(authority, { clientAuthority: authority.authority });
  const issued = await certificate({ name: 'CN=api-server', issuer: authority.authority });
  writeFileSync(join(directory, 'ca.pem'), authority.authority.pem);
  writeFileSync(join(directory, 'client.pem'), issued.pem);
  writeFileSync(join(directory, 'client-key.pem'), await privateKeyPEM(issued));
  writeFileSync(
    join(directory, 'kubeconfig'),
    `
clusters:
- name: images
  cluster: {certificate-authority: ca.pem, server: "${server.url}/policy"}
- name: nowhere
  cluster: {certificate-authority: ca.pem, server: "https://127.0.0.1:1"}
users:
- name: api-server
  user: {client-certificate: client.pem, client-key: client-key.pem}
contexts:
- name: webhook
  context: {cluster: images, user: api-server}
- name: nowhere
  context: {cluster: nowhere, user: api-server}
current-context: webhook
`,
  );
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

interface Status {
  readonly allowed: boolean;
  readonly reason?: string;
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** Responses by the first image; `reviews` records the requests. */
const reviews: unknown[] = [];
function answer(statuses: Readonly<Record<string, Status | number | string>>): void {
  reviews.length = 0;
  server.behave((review, response) => {
    const { spec } = review as unknown as { spec: { containers: { image: string }[] } };
    reviews.push(review);
    const status = statuses[spec.containers[0]!.image] ?? { allowed: true };
    if (typeof status === 'number') response.statusCode = status;
    const { apiVersion, kind } = review;
    response.end(typeof status === 'string' ? status : JSON.stringify({ apiVersion, kind, status }));
    return undefined;
  });
}

const configuration = (more: object = {}) => ({
  imagePolicy: { kubeConfigFile: join(directory, 'kubeconfig'), retryBackoff: 1, ...more },
});

function pod(image: string, more: { metadata?: object; spec?: object } = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns', ...more.metadata },
    spec: { containers: [{ name: 'a', image }], ...more.spec },
  };
}

function run(request: AdmissionCase, config: object = {}): Promise<AdmissionOutcome> {
  return runPlugin(imagePolicyWebhook, { ...request, configuration: configuration(config) });
}

it('reviews all images of a pod, with its matching annotations', async () => {
  answer({});
  const object = pod('a', {
    metadata: { annotations: { 'x.image-policy.k8s.io/b': '2', 'a.image-policy.k8s.io/a': '1', other: '3' } },
    spec: { initContainers: [{ name: 'i', image: 'b' }] },
  });
  expect(await run({ object })).toEqual(PASSED);
  expect(reviews).toEqual([
    {
      apiVersion: 'imagepolicy.k8s.io/v1alpha1',
      kind: 'ImageReview',
      metadata: { creationTimestamp: null },
      spec: {
        annotations: { 'a.image-policy.k8s.io/a': '1', 'x.image-policy.k8s.io/b': '2' },
        containers: [{ image: 'a' }, { image: 'b' }],
        namespace: 'ns',
      },
      status: { allowed: false },
    },
  ]);
  expect(server.calls.at(-1)).toMatchObject({ clientName: 'api-server', path: '/policy' });
});

it('reviews ephemeral containers when they are added', async () => {
  answer({ debugger: { allowed: false } });
  const object = pod('a', { spec: { ephemeralContainers: [{ name: 'd', image: 'debugger' }] } });
  expect(await run({ object, oldObject: pod('a'), subresource: 'ephemeralcontainers' })).toEqual(
    refused('403 Forbidden: pods "p" is forbidden: one or more images rejected by webhook backend'),
  );
});

describe('answers', () => {
  const FORBIDDEN = '403 Forbidden: pods "p" is forbidden: ';
  it.each<[string, Status | number | string, AdmissionOutcome]>([
    ['yes', { allowed: true }, PASSED],
    ['no', { allowed: false }, refused(`${FORBIDDEN}one or more images rejected by webhook backend`)],
    [
      'a denial with its reason',
      { allowed: false, reason: 'not signed' },
      refused(`${FORBIDDEN}image policy webhook backend denied one or more images: not signed`),
    ],
    [
      'with annotations',
      { allowed: true, auditAnnotations: { by: 'x' } },
      { changes: {}, annotations: { 'imagepolicywebhook.image-policy.k8s.io/by': 'x' } },
    ],
    ['an error', 404, refused(`${FORBIDDEN}the webhook answered with status 404`)],
    ['repeated errors', 500, refused(`${FORBIDDEN}the webhook answered with status 500`)],
    ['invalid JSON', 'hello', refused(`${FORBIDDEN}the webhook's answer is no JSON`)],
    [
      'something else',
      '{"apiVersion":"v1","kind":"Pod"}',
      refused(`${FORBIDDEN}the webhook gave v1, Kind=Pod and no ImageReview`),
    ],
  ])('%s', async (_, status, outcome) => {
    answer({ a: status });
    expect(await run({ object: pod('a') })).toEqual(outcome);
  });

  it('missing responses may admit pods', async () => {
    answer({ a: 500 });
    expect(await run({ object: pod('a') }, { defaultAllow: true })).toEqual({
      changes: {},
      annotations: { 'imagepolicywebhook.image-policy.k8s.io/failed-open': 'true' },
    });
    expect(reviews).toHaveLength(5);
  });
});

describe('ignores', () => {
  it.each<[string, AdmissionCase]>([
    ['other subresources', { object: pod('a'), oldObject: pod('a'), subresource: 'status' }],
    [
      'other resources',
      { object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'b' } } },
    ],
    ['deletions', { operation: 'DELETE', oldObject: pod('a') }],
  ])('%s', async (_, request) => {
    answer({ a: { allowed: false } });
    expect(await run(request)).toEqual(PASSED);
    expect(reviews).toEqual([]);
  });
});

describe('caches answers', () => {
  const plugin = (config: object): AdmissionPlugin =>
    imagePolicyWebhook(testDependencies({ configuration: configuration(config) }));
  const asked = async (made: AdmissionPlugin, ...images: string[]): Promise<number> => {
    answer({ bad: { allowed: false } });
    for (const image of images) await runPlugin(made, { object: pod(image) });
    return reviews.length;
  };

  it.each<[string, object, string[], number]>([
    ['the same images', {}, ['good', 'good', 'bad', 'bad'], 2],
    ['no caching of allowed images with a negative TTL', { allowTTL: -1 }, ['good', 'good', 'bad', 'bad'], 3],
    ['no caching of denied images with a negative TTL', { denyTTL: -1 }, ['good', 'good', 'bad', 'bad'], 3],
  ])('%s', async (_, config, images, calls) => {
    expect(await asked(plugin(config), ...images)).toBe(calls);
  });
});

describe('an invalid configuration stops the server', () => {
  it.each<[string, unknown, string]>([
    ['none', undefined, 'no config specified'],
    ['without kubeconfig', {}, 'no kubeConfigFile specified'],
    ['a missing kubeconfig', { imagePolicy: { kubeConfigFile: '/nowhere' } }, 'ENOENT'],
    ['a too long TTL', { imagePolicy: { allowTTL: 1860 } }, 'valid value is between 1s and 30m0s, got 31m0s'],
    ['a too short TTL', { imagePolicy: { denyTTL: -2 } }, 'valid value is between 1s and 30m0s, got -2s'],
    [
      'a too long backoff',
      { imagePolicy: { retryBackoff: 300_001 } },
      'valid value is between 1ns and 5m0s, got 5m0.001s',
    ],
  ])('%s', (_, config, message) => {
    expect(() => imagePolicyWebhook(testDependencies({ configuration: config }))).toThrow(message);
  });

  it('a kubeconfig without a current context', () => {
    const file = join(directory, 'no-context');
    writeFileSync(file, 'clusters: [{name: a, cluster: {server: "https://a"}}]');
    const config = { imagePolicy: { kubeConfigFile: file } };
    expect(() => imagePolicyWebhook(testDependencies({ configuration: config }))).toThrow(
      'current-context is not set',
    );
  });
});
