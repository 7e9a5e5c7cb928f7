/** Malformed requests: none may cause a 5xx, a hang or a crash. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { everyVersion } from '../../../shared/apis/resource-config.ts';
import { send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import fc, { fuzzRuns } from '../../fixtures/fuzz.ts';
import { isPlainError, NO_REQUEST } from '../../fixtures/plain-error.ts';

const RUNS = fuzzRuns(3000);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ runtimeConfig: everyVersion() });
});
afterAll(() => server.close());

const KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
const SEGMENTS = [
  'api',
  'apis',
  'v1',
  'v1beta1',
  'v2',
  'apps',
  'batch',
  'policy',
  'rbac.authorization.k8s.io',
  'networking.k8s.io',
  'authorization.k8s.io',
  'apiextensions.k8s.io',
  'namespaces',
  'default',
  'kube-system',
  'configmaps',
  'secrets',
  'pods',
  'services',
  'deployments',
  'jobs',
  'selfsubjectaccessreviews',
  'clusterroles',
  'events',
  'nodes',
  'a',
  'web',
  'status',
  'scale',
  'finalize',
  'log',
  'exec',
  'proxy',
  'eviction',
  'binding',
  'token',
  'watch',
  'openapi',
  'healthz',
  'livez',
  'readyz',
  'version',
  'metrics',
  '',
  '.',
  '..',
  '%2F',
  '%2e%2e',
  '%00',
  '%zz',
  '%ff',
  '*',
  'ü',
  '%C3%BC',
  'x'.repeat(300),
  ...KEYS,
];
const QUERY_NAMES = [
  'watch',
  'limit',
  'continue',
  'labelSelector',
  'fieldSelector',
  'resourceVersion',
  'resourceVersionMatch',
  'timeoutSeconds',
  'timeout',
  'dryRun',
  'fieldManager',
  'fieldValidation',
  'force',
  'pretty',
  'propagationPolicy',
  'gracePeriodSeconds',
  'orphanDependents',
  'sendInitialEvents',
  'allowWatchBookmarks',
  'includeObject',
  'exclude',
  'verbose',
  'export',
  ...KEYS,
];
const QUERY_VALUES = [
  '',
  '0',
  '1',
  '-1',
  'true',
  'false',
  '99999999999999999999',
  '1e3',
  'NaN',
  'Exact',
  'NotOlderThan',
  'All',
  'Strict',
  'Warn',
  'Orphan',
  'Foreground',
  'a=b',
  'a in (b,c)',
  'a,',
  '=',
  '!a',
  'metadata.name=a',
  'metadata.namespace=default',
  'spec.nodeName=x',
  'status.phase!=Running',
  'a=b=c',
  '\\',
  '1s',
  '1h',
  '-5m',
  'Object',
  'None',
  '\u0000',
  'ü',
  'x'.repeat(5000),
  ...KEYS,
];
const MEDIA_TYPES = [
  '',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/cbor',
  'text/plain',
  '*/*',
  'application/*',
  '/',
  ';',
  'a/b/c',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1beta1;g=meta.k8s.io',
  'application/json;as=Nothing;v=v1;g=x',
  'application/json;stream=watch',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;q=abc',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

const path = fc
  .oneof(
    fc.array(fc.constantFrom(...SEGMENTS), { maxLength: 9 }),
    fc
      .array(fc.constantFrom(...SEGMENTS), { maxLength: 4 })
      .map((rest) => ['api', 'v1', 'namespaces', 'default', ...rest]),
    fc
      .array(fc.constantFrom(...SEGMENTS), { maxLength: 4 })
      .map((rest) => ['apis', 'apps', 'v1', 'namespaces', 'default', ...rest]),
    fc
      .array(fc.constantFrom(...SEGMENTS), { maxLength: 3 })
      .map((rest) => ['apis', 'rbac.authorization.k8s.io', 'v1', ...rest]),
  )
  .map((segments) => `/${segments.join('/')}`);

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -1,
      1.5,
      1e300,
      2 ** 60,
      '',
      'a',
      '1',
      '10Gi',
      '2026-01-01T00:00:00Z',
      ...KEYS,
    ),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'a',
        'name',
        'metadata',
        'spec',
        'template',
        'containers',
        'rules',
        'selector',
        'matchLabels',
        'ports',
        'data',
        '$patch',
        '$setElementOrder/ports',
        ...KEYS,
      ),
      tie('any'),
      { maxKeys: 4 },
    ),
  ),
})).any;

const object = fc
  .record(
    {
      apiVersion: fc.constantFrom<unknown>(
        'v1',
        'apps/v1',
        'batch/v1',
        'rbac.authorization.k8s.io/v1',
        'a/b/c',
        '',
        7,
        null,
      ),
      kind: fc.constantFrom<unknown>(
        'ConfigMap',
        'Deployment',
        'Job',
        'ClusterRole',
        'Secret',
        'Pod',
        'Service',
        'DeleteOptions',
        '',
        null,
        {},
      ),
      metadata: fc.oneof(
        fc.record(
          {
            name: fc.constantFrom<unknown>('a', 'web', '', 'A_', '../x', 5),
            labels: value,
            annotations: value,
            finalizers: value,
            ownerReferences: value,
            managedFields: value,
            resourceVersion: fc.constantFrom<unknown>('', '0', '1', 'x', 3),
            uid: fc.constantFrom('', 'x'),
          },
          { requiredKeys: [] },
        ),
        value,
      ),
      spec: value,
      data: value,
      rules: value,
      status: value,
    },
    { requiredKeys: [] },
  )
  .map((body) => JSON.stringify(body));
const body = fc.oneof(
  fc.constant(undefined),
  object,
  value.map((content) => JSON.stringify(content)),
  fc.constantFrom(
    '',
    '{',
    'null',
    '[]',
    '[{"op":"add","path":"/a","value":1}]',
    '[{"op":"move"}]',
    '{"metadata":null}',
    '{"spec":{"replicas":"x"}}',
    'a: &a [*a]',
    'a: *b',
    '- - -',
    '\u0000',
    '{"a":1,"a":2}',
    `${'['.repeat(5000)}`,
    `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`,
  ),
  fc.uint8Array({ maxLength: 64 }),
);

const request = fc.record({
  method: fc.constantFrom(
    'GET',
    'GET',
    'POST',
    'POST',
    'PUT',
    'PATCH',
    'PATCH',
    'DELETE',
    'HEAD',
    'OPTIONS',
    'BREW',
  ),
  path,
  query: fc.array(fc.tuple(fc.constantFrom(...QUERY_NAMES), fc.constantFrom(...QUERY_VALUES)), {
    maxLength: 4,
  }),
  accept: fc.constantFrom(...MEDIA_TYPES),
  contentType: fc.constantFrom(...MEDIA_TYPES),
  headers: fc.dictionary(
    fc.constantFrom(
      'if-none-match',
      'accept-encoding',
      'user-agent',
      'impersonate-user',
      'impersonate-group',
      'impersonate-extra-%zz',
      'audit-id',
      'x-remote-user',
      ...KEYS,
    ),
    fc.constantFrom('', 'gzip', 'a', 'system:masters', '\u00ff', 'x'.repeat(2000)),
    { maxKeys: 2 },
  ),
  body,
});

/** Milliseconds sufficient for any request but a watch; watches are aborted. */
const PATIENCE = 20_000;

test(`${RUNS} requests`, async () => {
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(
      request,
      async ({ method, path: url, query, accept, contentType, headers, body: content }) => {
        const abort = new AbortController();
        const search = new URLSearchParams(query).toString();
        const response = await Promise.race([
          send(server, method, search === '' ? url : `${url}?${search}`, {
            headers: {
              ...headers,
              ...(accept && { accept }),
              ...(contentType && { 'content-type': contentType }),
            },
            ...(content !== undefined && { body: content }),
            signal: abort.signal,
          }),
          new Promise<never>((_, reject) =>
            setTimeout(() => reject(new Error('no answer')), PATIENCE).unref(),
          ),
        ]);
        if (!(response.body instanceof Uint8Array)) {
          setTimeout(() => abort.abort(), 5);
          for await (const _ of response.body);
        } else if (response.status >= 400 && response.headers['content-type'] === 'application/json') {
          const status = JSON.parse(Buffer.from(response.body).toString());
          expect(status).toMatchObject({ kind: 'Status', status: 'Failure', code: response.status });
          if (isPlainError({ status: response.status, json: status })) return;
        }
        const text = response.body instanceof Uint8Array ? Buffer.from(response.body).toString() : '';
        if (response.status === 500 && NO_REQUEST.test(text)) return;
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
        expect(response.status).toBeLessThan(500);
      },
    ),
    { numRuns: RUNS, endOnFailure: true },
  );
  // The generator reaches the handlers, not only the first filters.
  if (process.env['FUZZ_VERBOSE'] !== undefined) console.info([...statuses]);
  for (const status of [200, 400, 404, 405, 415, 422])
    expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(0);
  expect(server.errors).toEqual([]);
}, 600_000);
