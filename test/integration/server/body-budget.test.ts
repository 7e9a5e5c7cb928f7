/** Bodies that hold too much are refused, whoever reads them; large YAML is read by the host's converter. */

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

test('one warning or many: those that fit into the headers are sent', async () => {
  const body = `kind: ConfigMap\napiVersion: v1\nmetadata: {name: b}\n${'x: y\n'.repeat(3000)}`;
  const answer = await call(server, 'POST', MAPS, { headers: { 'content-type': 'application/yaml' }, body });
  const warnings = answer.headers['warning'] as string[];
  expect(answer.status).toBe(201);
  expect(warnings[0]).toBe('299 - "line 5: key \\"x\\" already set in map"');
  expect(warnings.join('').length).toBeLessThan(6000);
});
