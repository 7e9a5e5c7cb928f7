/** `drop=metadata.managedFields` in the Accept header, behind the gate ManagedFieldsOptOut. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into
type Json = any;

const MAPS = '/api/v1/namespaces/default/configmaps';
const TABLE = ';as=Table;g=meta.k8s.io;v=v1';
const METADATA = ';as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ featureGates: new Map([['ManagedFieldsOptOut', 'true']]) });
  await call(server, 'POST', MAPS, { body: { metadata: { name: 'one' }, data: { a: 'b' } } });
});
afterAll(() => server.close());

const get = (path: string, accept: string) => call(server, 'GET', path, { headers: { accept } });
const has = ({ metadata }: Json): boolean => metadata.managedFields !== undefined;

test.each<[string, string, string, (json: Json) => Json]>([
  ['an object', `${MAPS}/one`, '', (json) => json],
  ['a list', MAPS, '', (json) => json.items.find(({ metadata }: Json) => metadata.name === 'one')],
  ['metadata', `${MAPS}/one`, METADATA, (json) => json],
  ['a row', `${MAPS}/one?includeObject=Object`, TABLE, (json) => json.rows[0].object],
])('%s without managed fields, and with them for other clients', async (_what, path, parameters, find) => {
  const dropping = await get(path, `application/json;drop=metadata.managedFields${parameters}`);
  const whole = await get(path, `application/json${parameters}`);
  expect([has(find(dropping.json)), has(find(whole.json))]).toEqual([false, true]);
  const { managedFields: _, ...metadata } = find(whole.json).metadata;
  expect(find(dropping.json)).toEqual({ ...find(whole.json), metadata });
});

test('a watch without managed fields', async () => {
  const url = `${MAPS}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=one`;
  const { text } = await get(url, 'application/json;drop=metadata.managedFields');
  expect(has(JSON.parse(text.split('\n')[0]!).object)).toBe(false);
});

test.each([
  ['application/json;drop=', 200],
  ['application/json;drop=spec', 406],
  ['application/json;drop=spec, application/json', 200],
])('%s: %i', async (accept, status) => {
  expect((await get(`${MAPS}/one`, accept)).status).toBe(status);
});

test('without the gate the parameter is ignored', async () => {
  const other = await startTestServer();
  await call(other, 'POST', MAPS, { body: { metadata: { name: 'one' }, data: { a: 'b' } } });
  const { status, json } = await call(other, 'GET', `${MAPS}/one`, {
    headers: { accept: 'application/json;drop=metadata.managedFields' },
  });
  expect([status, has(json)]).toEqual([200, true]);
  await other.close();
});
