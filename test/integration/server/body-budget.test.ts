/** Bodies with too many values are rejected, by whatever parser; large YAML is converted by the host. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_VALUES } from '../../../shared/runtime/serializer/body-budget.ts';
import { refusalOf } from '../../fixtures/api-client.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await call(server, 'POST', '/api/v1/namespaces/default/configmaps', { body: { metadata: { name: 'a' } } });
});
afterAll(() => server.close());

const VALUES = `413 RequestEntityTooLarge: Request entity too large: limit is ${MAX_VALUES} values`;
const TOKENS = '413 RequestEntityTooLarge: Request entity too large: limit is 400000 tokens of YAML';
const elements = Array(MAX_VALUES + 1)
  .fill('10')
  .join(',');
const MAPS = '/api/v1/namespaces/default/configmaps';

test.each([
  ['POST', MAPS, 'application/json', `{"x":[${elements}]}`, VALUES],
  ['POST', MAPS, '', `{"x":[${elements}]}`, VALUES],
  ['POST', MAPS, 'application/yaml', `{"x":[${elements}]}`, VALUES],
  ['POST', MAPS, 'application/yaml', `x:\n${'- a\n'.repeat(150_000)}`, TOKENS],
  ['PUT', `${MAPS}/a`, 'application/json', `{"x":[${elements}]}`, VALUES],
  ['PATCH', `${MAPS}/a`, 'application/merge-patch+json', `{"x":[${elements}]}`, VALUES],
  ['PATCH', `${MAPS}/a`, 'application/json-patch+json', `[${elements}]`, VALUES],
  ['PATCH', `${MAPS}/a`, 'application/strategic-merge-patch+json', `{"x":[${elements}]}`, VALUES],
  ['PATCH', `${MAPS}/a?fieldManager=m`, 'application/apply-patch+yaml', `{"x":[${elements}]}`, VALUES],
  [
    'PATCH',
    `${MAPS}/a?fieldManager=m`,
    'application/apply-patch+yaml',
    `x:\n${'- a\n'.repeat(150_000)}`,
    TOKENS,
  ],
  ['DELETE', `${MAPS}/a`, 'application/json', `{"x":[${elements}]}`, VALUES],
  ['DELETE', `${MAPS}/a`, 'application/yaml', `x:\n${'- a\n'.repeat(150_000)}`, TOKENS],
])('%s %s %s', async (method, path, type, body, expected) => {
  const answer = await call(server, method, path, { headers: { 'content-type': type }, body });
  expect(refusalOf(answer)).toBe(expected);
});

const members = (count: number) =>
  Array.from({ length: count }, (_, i) => `"k${i}":"${'x'.repeat(12)}"`).join(',');
const LARGE = '413 RequestEntityTooLarge: Request entity too large: the object takes more than 1572864 bytes';

test.each([
  ['POST', MAPS, 'application/json', `{"metadata":{"name":"c"},"data":{${members(75_000)}}}`, LARGE],
  // Its managed fields make it too large.
  ['POST', MAPS, 'application/json', `{"metadata":{"name":"c"},"data":{${members(50_000)}}}`, LARGE],
  ['POST', MAPS, 'application/json', `{"metadata":{"name":"c"},"data":{${members(30_000)}}}`, '201'],
  ['PUT', `${MAPS}/c`, 'application/json', `{"metadata":{"name":"c"},"data":{${members(75_000)}}}`, LARGE],
  ['PATCH', `${MAPS}/c`, 'application/merge-patch+json', `{"data":{${members(75_000)}}}`, LARGE],
  [
    'PATCH',
    `${MAPS}/c?fieldManager=m&force=true`,
    'application/apply-patch+yaml',
    `{"apiVersion":"v1","kind":"ConfigMap","data":{${members(75_000)}}}`,
    LARGE,
  ],
  // With few values, the validation error is the better response.
  [
    'POST',
    MAPS,
    'application/json',
    `{"metadata":{"name":"d"},"data":{"k":"${'x'.repeat(1_600_000)}"}}`,
    '422 Invalid: ConfigMap "d" is invalid: []: Too long: may not be more than 1048576 bytes',
  ],
])('an object too large to be stored: %s %s %s', async (method, path, type, body, expected) => {
  const answer = await call(server, method, path, { headers: { 'content-type': type }, body });
  expect(refusalOf(answer)).toBe(expected);
});

test('warnings are sent as long as they fit into the headers', async () => {
  const body = `kind: ConfigMap\napiVersion: v1\nmetadata: {name: b}\n${'x: y\n'.repeat(3000)}`;
  const answer = await call(server, 'POST', MAPS, { headers: { 'content-type': 'application/yaml' }, body });
  const warnings = answer.headers['warning'] as string[];
  expect(answer.status).toBe(201);
  expect(warnings[0]).toBe('299 - "line 5: key \\"x\\" already set in map"');
  expect(warnings.join('').length).toBeLessThan(6000);
});
