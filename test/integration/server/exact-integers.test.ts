/** Integers beyond the range of JavaScript numbers are preserved in every encoding. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  await call(server, 'POST', '/api/v1/namespaces/default/serviceaccounts', { body: account });
});
afterAll(() => server.close());

const PODS = '/api/v1/namespaces/default/pods';
const PERIOD = '9007199254740993';
const FOREVER = '9223372036854775807';

const pod = (name: string, more = '') => `{
  "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "${name}"},
  "spec": {
    "terminationGracePeriodSeconds": ${PERIOD},
    "tolerations": [{"key": "k", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": ${FOREVER}}],
    "containers": [{"name": "c", "image": "i"${more}}]
  }}`;

const MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** Reads the pod in a media type and writes it back; returns its JSON. */
async function throughMediaType(name: string, type: string): Promise<string> {
  const { body } = await send(server, 'GET', `${PODS}/${name}`, { headers: { accept: type } });
  const written = await call(server, 'PUT', `${PODS}/${name}`, {
    headers: { 'content-type': type },
    body,
  });
  expect(written.status).toBe(200);
  return written.text;
}

test.each(MEDIA_TYPES)('integers are exact in %s', async (type) => {
  const name = type.replaceAll(/[^a-z]/g, '');
  expect((await call(server, 'POST', PODS, { body: pod(name) })).status).toBe(201);
  const text = await throughMediaType(name, type);
  expect(text).toContain(`"terminationGracePeriodSeconds":${PERIOD},`);
  expect(text).toContain(`"tolerationSeconds":${FOREVER}`);
});

test.each([
  ['application/merge-patch+json', '{"spec":{"activeDeadlineSeconds":9007199254740995}}'],
  ['application/strategic-merge-patch+json', '{"spec":{"activeDeadlineSeconds":9007199254740995}}'],
  [
    'application/json-patch+json',
    '[{"op":"test","path":"/spec/terminationGracePeriodSeconds","value":9007199254740993},{"op":"add","path":"/spec/activeDeadlineSeconds","value":9007199254740995}]',
  ],
])('integers are exact in %s', async (type, patch) => {
  const name = `patched-${type.length}`;
  await call(server, 'POST', PODS, { body: pod(name) });
  const { text } = await call(server, 'PATCH', `${PODS}/${name}`, {
    headers: { 'content-type': type },
    body: patch.replace('9007199254740995', '2147483647'),
  });
  expect(text).toContain(`"terminationGracePeriodSeconds":${PERIOD},`);
  expect(text).toContain('"activeDeadlineSeconds":2147483647');
  const refused = await call(server, 'PATCH', `${PODS}/${name}`, {
    headers: { 'content-type': type },
    body: patch,
  });
  expect([refused.status, refused.json?.['message']]).toEqual([
    422,
    expect.stringContaining('Invalid value: 9007199254740995: must be between 0 and 2147483647'),
  ]);
});

test('integers are exact in an apply, whose repetition changes nothing', async () => {
  const apply = (period: string) =>
    call(server, 'PATCH', `${PODS}/applied?fieldManager=a`, {
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: pod('applied').replace(PERIOD, period),
    });
  const first = await apply(PERIOD);
  expect(first.status).toBe(201);
  expect(first.text).toContain(`"terminationGracePeriodSeconds":${PERIOD},`);
  expect((await apply(PERIOD)).text).toBe(first.text);
  expect((await apply('9007199254740992')).status).toBe(422);
});

test('a pod with an unlimited grace period can be deleted', async () => {
  await call(server, 'POST', PODS, { body: pod('long') });
  const bind = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'long' }, target: { name: 'node' } };
  expect((await call(server, 'POST', `${PODS}/long/binding`, { body: bind })).status).toBe(201);
  const deleted = await call(server, 'DELETE', `${PODS}/long`);
  expect(deleted.status).toBe(200);
  expect(deleted.text).toContain('"deletionTimestamp":"9999-12-31T23:59:59Z"');
  expect(deleted.text).toContain(`"deletionGracePeriodSeconds":${PERIOD}`);
  expect((await call(server, 'DELETE', `${PODS}/long?gracePeriodSeconds=0`)).status).toBe(200);
});

const DRIVERS = '/apis/storage.k8s.io/v1/csidrivers';
test.each([
  ['9007199254740991', 200, '"generation":9007199254740992,'],
  ['9007199254740993', 200, '"generation":9007199254740994,'],
  // One more than the largest is the least.
  [FOREVER, 422, 'metadata.generation: Invalid value: -9223372036854775808: must not be decremented'],
])('the generation after %s', async (generation, status, text) => {
  const name = `after-${generation}`;
  const driver = `{"metadata":{"name":"${name}","generation":${generation}},"spec":{"attachRequired":true}}`;
  expect((await call(server, 'POST', DRIVERS, { body: driver })).status).toBe(201);
  const changed = await call(server, 'PATCH', `${DRIVERS}/${name}`, {
    headers: { 'content-type': 'application/merge-patch+json' },
    body: '{"spec":{"requiresRepublish":true}}',
  });
  expect(changed.status).toBe(status);
  expect(changed.text).toContain(text);
});
