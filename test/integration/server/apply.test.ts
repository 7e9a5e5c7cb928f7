/** Server-side apply over HTTP, after upstream's test/integration/apiserver/apply. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ManagedFieldsEntry } from '../../../shared/meta/v1/types.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

const configMap = (name: string, data: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});
const deployment = (name: string, spec: object = {}, more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    ...spec,
  },
  ...more,
});

interface Answer {
  readonly status: number;
  readonly message: string | undefined;
  readonly warnings: string | undefined;
  readonly object: {
    metadata: { resourceVersion: string; managedFields?: ManagedFieldsEntry[]; generation?: number };
    data?: Record<string, string>;
    spec: { replicas: number };
    status?: object;
  };
}

async function write(method: string, url: string, type: string, body: unknown): Promise<Answer> {
  const { status, json, headers } = await call(server, method, url, {
    headers: { 'content-type': type },
    body,
  });
  const message = json?.['kind'] === 'Status' ? (json['message'] as string) : undefined;
  return { status, message, warnings: headers['warning']?.toString(), object: json as never };
}

const apply = (url: string, body: unknown, query = '') =>
  write('PATCH', `${url}?fieldManager=${query || 'a'}`, 'application/apply-patch+yaml', body);
const put = (url: string, body: unknown, manager = 'u') =>
  write('PUT', `${url}?fieldManager=${manager}`, 'application/json', body);
const mergePatch = (url: string, body: unknown, manager = 'u') =>
  write('PATCH', `${url}?fieldManager=${manager}`, 'application/merge-patch+json', body);

const managersOf = ({ object }: Answer) =>
  object.metadata.managedFields?.map(({ manager, operation, subresource }) =>
    [manager, operation, subresource].filter(Boolean).join('/'),
  );

test.each<[string, string, unknown, string, string]>([
  [
    'without a manager',
    'm',
    configMap('m', {}),
    '',
    '422 PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
  ],
  [
    'with another name',
    'm',
    configMap('n', {}),
    'a',
    '400 the name of the object (n) does not match the name on the URL (m)',
  ],
  [
    'without a name',
    'm',
    { apiVersion: 'v1', kind: 'ConfigMap' },
    'a',
    '400 the name of the object (m based on URL) was undeterminable: name must be provided',
  ],
  [
    'with another namespace',
    'm',
    configMap('m', {}, { namespace: 'x' }),
    'a',
    '400 the namespace of the provided object does not match the namespace sent on the request',
  ],
  [
    'with another kind',
    'm',
    { ...configMap('m', {}), kind: 'Secret' },
    'a',
    '400 invalid object type: /v1, Kind=Secret',
  ],
  [
    'without a version',
    'm',
    { ...configMap('m', {}), apiVersion: undefined },
    'a',
    '400 invalid object type: /, Kind=ConfigMap',
  ],
  [
    'with managed fields',
    'm',
    configMap('m', {}, { managedFields: [] }),
    'a',
    '400 metadata.managedFields must be nil',
  ],
  [
    'with an unknown uid',
    'm',
    configMap('m', {}, { uid: 'u' }),
    'a',
    '409 Operation cannot be fulfilled on configmaps "m": uid mismatch: the provided object specified uid u, and no existing object was found',
  ],
  [
    'that is a list',
    'm',
    '[]',
    'a',
    '400 error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
  ],
  [
    'that is text',
    'm',
    'x',
    'a',
    '400 error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type map[string]interface {}',
  ],
  [
    "that isn't YAML",
    'm',
    'a: b: c',
    'a',
    '400 error encoding patch: yaml: mapping values are not allowed in this context',
  ],
  ['that is empty', 'm', '', 'a', '400 invalid object type: /, Kind='],
  [
    'with an unknown field, validation Ignore',
    'm',
    { ...configMap('m', {}), foo: 1 },
    'a&fieldValidation=Ignore',
    '500 failed to create typed patch object (/m; /v1, Kind=ConfigMap): .foo: field not declared in schema',
  ],
])('a configuration %s is rejected', async (_, name, body, query, expected) => {
  const url = `${CONFIG_MAPS}/${name}`;
  const answer =
    query === ''
      ? await write('PATCH', url, 'application/apply-patch+yaml', body)
      : await apply(url, body, query);
  expect(`${answer.status} ${answer.message}`).toBe(expected);
  expect((await call(server, 'GET', url)).status).toBe(404);
});

test('duplicate keys cause an error, a warning, or nothing', async () => {
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\ndata:\n  a: "1"\n  a: "2"\n';
  const url = `${CONFIG_MAPS}/twice`;
  const strict = await apply(url, text, 'a&fieldValidation=Strict');
  expect([strict.status, strict.message]).toEqual([
    400,
    'error strict decoding patch: error converting YAML to JSON: yaml: unmarshal errors:\n  line 6: key "a" already set in map',
  ]);
  const warned = await apply(url, text, 'a&fieldValidation=Warn');
  expect([warned.status, warned.warnings]).toEqual([201, '299 - "line 6: key \\"a\\" already set in map"']);
  const ignored = await apply(url, text, 'a&fieldValidation=Ignore');
  expect([ignored.status, ignored.warnings, ignored.object.data]).toEqual([200, undefined, { a: '2' }]);
});

test('an apply without changes is not written, nor is a dry run', async () => {
  const url = `${CONFIG_MAPS}/noop`;
  const first = await apply(url, configMap('noop', { k: '1' }));
  expect(first.status).toBe(201);
  expect((await apply(url, configMap('noop', { k: '1' }))).object).toEqual(first.object);
  const dry = await apply(url, configMap('noop', { k: '2' }), 'a&dryRun=All');
  expect([dry.status, dry.object.data]).toEqual([200, { k: '2' }]);
  expect((await call(server, 'GET', url)).json).toEqual(first.object);
});

test('managers are removed by an empty list, and kept if there is no list', async () => {
  const url = `${CONFIG_MAPS}/strip`;
  await apply(url, configMap('strip', { k: '1' }));
  const owners = async (managedFields: unknown) =>
    managersOf(await mergePatch(url, { metadata: { managedFields } }));
  expect(await owners(null)).toEqual(['a/Apply']);
  expect(await owners([{}])).toBeUndefined();
  await put(url, configMap('strip', { k: '1' }));
  // An update does not start managing an object without managers; an apply does.
  expect(managersOf(await mergePatch(url, { data: { l: '2' } }))).toBeUndefined();
  const again = await apply(url, configMap('strip', { k: '1', m: '3' }));
  expect(managersOf(again)).toEqual(['a/Apply', 'before-first-apply/Update']);
  const replaced = await put(url, {
    ...again.object,
    metadata: { ...again.object.metadata, managedFields: [] },
  });
  expect(managersOf(replaced)).toBeUndefined();
});

test('a removed field is deleted with its last owner', async () => {
  const url = `${CONFIG_MAPS}/owners`;
  await apply(url, configMap('owners', { x: '1', y: '1' }), 'a');
  await apply(url, configMap('owners', { x: '1' }), 'b');
  expect((await apply(url, { ...configMap('owners', {}), data: undefined }, 'a')).object.data).toEqual({
    x: '1',
  });
  const conflict = await apply(url, configMap('owners', { x: '2' }), 'c');
  expect([conflict.status, conflict.message]).toEqual([
    409,
    'Apply failed with 1 conflict: conflict with "b": .data.x',
  ]);
  const forced = await apply(url, configMap('owners', { x: '2' }), 'c&force=true');
  expect([forced.object.data, managersOf(forced)]).toEqual([{ x: '2' }, ['c/Apply']]);
});

test('spec and status have separate owners', async () => {
  const url = `${DEPLOYMENTS}/parts`;
  const created = await apply(url, deployment('parts', {}, { status: { replicas: 3 } }));
  expect(created.object.status).toEqual({});
  const missing = await apply(
    `${DEPLOYMENTS}/none/status`,
    deployment('none', {}, { status: { replicas: 1 } }),
  );
  expect(missing.status).toBe(404);
  const status = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'parts' },
    status: { replicas: 2 },
  };
  const applied = await apply(`${url}/status`, { ...status, spec: { replicas: 9 } }, 's');
  expect([applied.status, applied.object.spec.replicas, applied.object.status]).toEqual([
    200,
    1,
    { replicas: 2 },
  ]);
  expect(managersOf(applied)).toEqual(['a/Apply', 's/Apply/status']);
  expect(applied.object.metadata.managedFields![1]!.fieldsV1).toEqual({ 'f:status': { 'f:replicas': {} } });
});

test('the scale subresource and the spec conflict over replicas', async () => {
  const url = `${DEPLOYMENTS}/scaled`;
  await apply(url, deployment('scaled', { replicas: 2 }));
  const scaled = await mergePatch(`${url}/scale`, { spec: { replicas: 5 } }, 'hpa');
  expect([scaled.status, scaled.object.spec.replicas]).toEqual([200, 5]);
  const conflict = await apply(url, deployment('scaled', { replicas: 2 }));
  expect([conflict.status, conflict.message]).toEqual([
    409,
    'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas',
  ]);
  expect((await apply(url, deployment('scaled'))).object.spec.replicas).toBe(5);
});

test('old updaters are merged, appliers never', async () => {
  const url = `${CONFIG_MAPS}/capped`;
  await apply(url, configMap('capped', { k: '1' }));
  let last: Answer | undefined;
  for (let i = 0; i < 12; i++) last = await mergePatch(url, { data: { [`u${i}`]: '1' } }, `u${i}`);
  const managers = managersOf(last!)!;
  expect([managers.length, managers[0], managers.includes('ancient-changes/Update')]).toEqual([
    11,
    'a/Apply',
    true,
  ]);
});

test('a field set only by conversion belongs to the manager that created the object', async () => {
  const { status, object } = await write(
    'POST',
    '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers?fieldManager=u',
    'application/json',
    {
      metadata: { name: 'h' },
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
    },
  );
  expect(status).toBe(201);
  expect(object.metadata.managedFields?.map(({ fieldsV1 }) => fieldsV1)).toEqual([
    {
      'f:spec': {
        'f:maxReplicas': {},
        'f:minReplicas': {},
        'f:scaleTargetRef': {},
        'f:targetCPUUtilizationPercentage': {},
      },
    },
  ]);
});
