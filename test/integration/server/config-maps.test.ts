import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, send, startTestServer, type TestRequest, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const BASE = '/api/v1/namespaces/default/configmaps';
const request = (method: string, url: string, options?: TestRequest) => call(server, method, url, options);
const configMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

test('the system namespaces exist', async () => {
  const { status, json } = await request('GET', '/api/v1/namespaces');
  expect(status).toBe(200);
  expect(json).toMatchObject({ kind: 'NamespaceList', apiVersion: 'v1' });
  const names = (json!['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
  expect(names).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
});

test('an object is created, read, replaced, listed and deleted', async () => {
  const created = await request('POST', BASE, { body: configMap('a', { k: '1' }) });
  expect(created.status).toBe(201);
  expect(created.headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
    'audit-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(created.json).toEqual({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: {
      name: 'a',
      namespace: 'default',
      uid: expect.any(String),
      resourceVersion: expect.stringMatching(/^\d+$/),
      creationTimestamp: expect.stringMatching(/Z$/),
      managedFields: [
        {
          manager: 'unknown',
          operation: 'Update',
          apiVersion: 'v1',
          time: expect.stringMatching(/Z$/),
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': { '.': {}, 'f:k': {} } },
        },
      ],
    },
    data: { k: '1' },
  });
  const read = await request('GET', `${BASE}/a`);
  expect(read).toMatchObject({ status: 200, text: created.text });

  const replaced = await request('PUT', `${BASE}/a`, { body: configMap('a', { k: '2' }) });
  expect(replaced).toMatchObject({ status: 200, json: { data: { k: '2' } } });
  const stale = await request('PUT', `${BASE}/a`, { body: created.json });
  expect(stale).toMatchObject({ status: 409, json: { kind: 'Status', reason: 'Conflict' } });

  const list = await request('GET', `${BASE}?fieldSelector=metadata.name%3Da`);
  const { kind: _kind, apiVersion: _version, ...item } = replaced.json!;
  expect(list).toMatchObject({
    status: 200,
    json: { kind: 'ConfigMapList', apiVersion: 'v1', items: [item] },
  });
  expect(list.json!['items']).toEqual([item]);

  const deleted = await request('DELETE', `${BASE}/a`);
  expect(deleted.status).toBe(200);
  expect(deleted.json).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: 'a', kind: 'configmaps', uid: expect.any(String) },
  });
  expect(await request('GET', `${BASE}/a`)).toMatchObject({
    status: 404,
    json: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "a" not found',
      reason: 'NotFound',
      details: { name: 'a', kind: 'configmaps' },
      code: 404,
    },
  });
});

test('a watch reports changes, and ends with its timeout', async () => {
  const { json } = await request('GET', BASE);
  const { resourceVersion } = json!['metadata'] as { resourceVersion: string };
  const response = await send(
    server,
    'GET',
    `${BASE}?watch=1&resourceVersion=${resourceVersion}&timeoutSeconds=2`,
  );
  expect(response).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
  await request('POST', BASE, { body: configMap('watched') });
  await request('DELETE', `${BASE}/watched`);
  let text = '';
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) text += Buffer.from(chunk).toString();
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events).toMatchObject([
    { type: 'ADDED', object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'watched' } } },
    { type: 'DELETED', object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'watched' } } },
  ]);
});

test("a host that can't stream gets the watch in one piece", async () => {
  const answer = await call(server, 'GET', `/api/v1/namespaces?watch=1&timeoutSeconds=1`, {
    canStream: false,
  });
  const events = answer.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
    'ADDED default',
    'ADDED kube-node-lease',
    'ADDED kube-public',
    'ADDED kube-system',
  ]);
});

test('a watch of tables, with bookmarks', async () => {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const query = 'watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
  const { body } = await send(server, 'GET', `/api/v1/namespaces?${query}`, { headers: { accept } });
  let text = '';
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk);
    if (text.includes('BOOKMARK') && text.endsWith('\n')) break;
  }
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(
    events.map(({ type, object }) => [type, object.kind, object.columnDefinitions?.length ?? null]),
  ).toEqual([
    ['ADDED', 'Table', 3],
    ['ADDED', 'Table', null],
    ['ADDED', 'Table', null],
    ['ADDED', 'Table', null],
    ['BOOKMARK', 'Table', null],
  ]);
});

test('tables', async () => {
  await request('POST', BASE, { body: configMap('table', { k: '1' }) });
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const { status, json } = await request('GET', `${BASE}/table`, { headers: { accept } });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    columnDefinitions: [{ name: 'Name' }, { name: 'Data' }, { name: 'Age' }],
    rows: [
      {
        cells: ['table', 1, expect.any(String)],
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'table' } },
      },
    ],
  });
  await request('DELETE', `${BASE}/table`);
});

test.each<[contentType: string, patch: unknown, data: Record<string, string>]>([
  ['application/merge-patch+json', { data: { a: null, b: '2' } }, { b: '2' }],
  ['application/strategic-merge-patch+json', { data: { b: '3' } }, { a: '1', b: '3' }],
  ['application/json-patch+json', [{ op: 'replace', path: '/data/a', value: '4' }], { a: '4' }],
])('%s', async (contentType, body, data) => {
  await request('POST', BASE, { body: configMap('patched', { a: '1' }) });
  const patched = await request('PATCH', `${BASE}/patched`, {
    body,
    headers: { 'content-type': contentType },
  });
  expect(patched).toMatchObject({ status: 200, json: { metadata: { name: 'patched' } } });
  expect(patched.json!['data']).toEqual(data);
  await request('DELETE', `${BASE}/patched`);
});

test('server-side apply creates, changes, and reports conflicts', async () => {
  const headers = { 'content-type': 'application/apply-patch+yaml' };
  const apply = (manager: string, data: Record<string, string>, force = false) =>
    request('PATCH', `${BASE}/applied?fieldManager=${manager}${force ? '&force=true' : ''}`, {
      body: configMap('applied', data),
      headers,
    });
  expect(await apply('one', { a: '1' })).toMatchObject({ status: 201, json: { data: { a: '1' } } });
  const same = await apply('one', { a: '1' });
  expect(same.status).toBe(200);
  const again = await apply('one', { a: '1' });
  expect(again.json).toEqual(same.json);
  expect(await apply('two', { a: '2' })).toMatchObject({
    status: 409,
    json: { reason: 'Conflict', details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.a' }] } },
  });
  expect(await apply('two', { a: '2' }, true)).toMatchObject({ status: 200, json: { data: { a: '2' } } });
  await request('DELETE', `${BASE}/applied`);
});

test('an update without changes is not written', async () => {
  const { json } = await request('POST', BASE, { body: configMap('same', { a: '1', b: '2' }) });
  const body = { data: { b: '2', a: '1' }, metadata: json!['metadata'], kind: 'ConfigMap', apiVersion: 'v1' };
  const updated = await request('PUT', `${BASE}/same`, { body });
  expect(updated.json).toEqual(json);
  await request('DELETE', `${BASE}/same`);
});

test('YAML requests and responses', async () => {
  const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  k: "on"\n';
  const headers = { 'content-type': 'application/yaml', accept: 'application/yaml' };
  const created = await request('POST', BASE, { body, headers });
  expect(created).toMatchObject({ status: 201, headers: { 'content-type': 'application/yaml' } });
  expect(created.text).toContain('\n  k: "on"\n');
});

test.each<[what: string, method: string, url: string, options: TestRequest, status: number, json: unknown]>([
  [
    'unknown resource',
    'GET',
    '/api/v1/nothings',
    {},
    404,
    { message: 'the server could not find the requested resource', reason: 'NotFound', details: {} },
  ],
  ['unknown version', 'GET', '/api/v9/pods', {}, 404, { reason: 'NotFound' }],
  [
    'write across namespaces',
    'POST',
    '/api/v1/configmaps',
    { body: configMap('x') },
    405,
    {
      message: 'the server does not allow this method on the requested resource',
      reason: 'MethodNotAllowed',
    },
  ],
  ['named across namespaces', 'GET', '/api/v1/configmaps/x', {}, 404, { reason: 'NotFound' }],
  [
    'cluster-scoped in a namespace',
    'GET',
    '/apis/storage.k8s.io/v1/namespaces/a/storageclasses',
    {},
    404,
    { reason: 'NotFound' },
  ],
  [
    'bad accept',
    'GET',
    BASE,
    { headers: { accept: 'text/html' } },
    406,
    {
      message:
        '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
      reason: 'NotAcceptable',
    },
  ],
  [
    'bad accept of a single object',
    'GET',
    `${BASE}/a`,
    { headers: { accept: 'application/*' } },
    406,
    {
      message:
        '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      reason: 'NotAcceptable',
      details: {},
    },
  ],
  [
    'bad patch type',
    'PATCH',
    `${BASE}/a`,
    { body: '{}', headers: { 'content-type': 'text/plain' } },
    415,
    { message: '415: Unsupported Media Type', reason: 'UnsupportedMediaType', details: {} },
  ],
  [
    'bad content type',
    'POST',
    BASE,
    { body: 'x', headers: { 'content-type': 'text/plain' } },
    415,
    { reason: 'UnsupportedMediaType' },
  ],
  ['bad body', 'POST', BASE, { body: '{' }, 400, { reason: 'BadRequest' }],
  [
    'other kind',
    'POST',
    BASE,
    { body: { ...configMap('x'), kind: 'Secret' } },
    400,
    { reason: 'BadRequest' },
  ],
  [
    'other version',
    'POST',
    BASE,
    { body: { ...configMap('x'), apiVersion: 'v2' } },
    400,
    { reason: 'BadRequest' },
  ],
  [
    'other name',
    'PUT',
    `${BASE}/b`,
    { body: configMap('a') },
    400,
    { message: 'the name of the object (a) does not match the name on the URL (b)' },
  ],
  [
    'other namespace',
    'POST',
    BASE,
    { body: { ...configMap('x'), metadata: { name: 'x', namespace: 'y' } } },
    400,
    { message: 'the namespace of the provided object does not match the namespace sent on the request' },
  ],
  [
    'revision of a new object',
    'POST',
    BASE,
    { body: { ...configMap('x'), metadata: { name: 'x', resourceVersion: '5' } } },
    400,
    { message: 'resourceVersion should not be set on objects to be created' },
  ],
  [
    'revision of a new object that is invalid too',
    'POST',
    BASE,
    { body: { metadata: { name: 'x', resourceVersion: '5' }, data: { 'a/b': '' } } },
    422,
    { reason: 'Invalid' },
  ],
  [
    'bad limit',
    'GET',
    `${BASE}?limit=x`,
    {},
    400,
    { message: 'strconv.ParseInt: parsing "x": invalid syntax' },
  ],
  ['bad label selector', 'GET', `${BASE}?labelSelector=a%20b`, {}, 400, { reason: 'BadRequest' }],
  [
    'bad field selector',
    'GET',
    `${BASE}?fieldSelector=spec.x=y`,
    {},
    400,
    { message: '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"' },
  ],
  [
    'bad match',
    'GET',
    `${BASE}?resourceVersionMatch=Exact`,
    {},
    422,
    {
      message:
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    },
  ],
  ['bad dry run', 'POST', `${BASE}?dryRun=Some`, { body: configMap('x') }, 422, { reason: 'Invalid' }],
  ['bad propagation policy', 'DELETE', `${BASE}/x?propagationPolicy=Never`, {}, 422, { reason: 'Invalid' }],
  [
    'too large',
    'POST',
    BASE,
    { body: new Uint8Array(3 * 1024 * 1024 + 1) },
    413,
    { message: 'Request entity too large: limit is 3145728' },
  ],
  ['too slow', 'GET', `${BASE}?timeout=1x`, {}, 400, { reason: 'BadRequest' }],
  ['path that cannot be decoded', 'GET', '/api/v1/%zz', {}, 400, { reason: 'BadRequest' }],
])('%s', async (_what, method, url, options, status, json) => {
  const answer = await request(method, url, options);
  expect(answer.json).toMatchObject({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    ...(json as object),
  });
  expect(answer.status).toBe(status);
});

test('a path outside of the API is answered in plain text', async () => {
  expect(await request('GET', '/apis/unknown.example.com/v1/things')).toMatchObject({
    status: 404,
    text: '404 page not found\n',
  });
});

test('nothing was logged', () => {
  expect(server.errors).toEqual([]);
});

test('a new object with a revision is accepted by dry run only', async () => {
  const body = { ...configMap('tried'), metadata: { name: 'tried', resourceVersion: '5' } };
  const tried = await request('POST', `${BASE}?dryRun=All`, { body });
  expect([tried.status, tried.json]).toMatchObject([
    201,
    { metadata: { name: 'tried', resourceVersion: '5' } },
  ]);
  expect((await request('POST', BASE, { body })).status).toBe(400);
  expect((await request('GET', `${BASE}/tried`)).status).toBe(404);
});
