/** YAML parsed in a worker thread: the response is the same as for a small document. */

import { request } from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';

let server: LocalServer;
let token: string;
beforeAll(async () => {
  server = await startLocalServer();
  await server.run(['create', 'serviceaccount', 'a']);
  await server.run([
    'create',
    'clusterrolebinding',
    'a',
    '--clusterrole=admin',
    '--serviceaccount=default:a',
  ]);
  token = (await server.run(['create', 'token', 'a'])).trim();
}, 120_000);
afterAll(() => server?.stop());

function send(method: string, path: string, type: string, body: string) {
  const options = {
    method,
    rejectUnauthorized: false,
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
  };
  return new Promise<{ status: number; text: string; warnings: string }>((resolve, reject) => {
    const sent = request(`${server.url}${path}`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode!, text, warnings: String(response.headers['warning'] ?? '') }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const MAPS = '/api/v1/namespaces/default/configmaps';
const data = Array.from({ length: 2000 }, (_, i) => `  key-${i}: "value ${i}"\n`).join('');
const HEAD = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\n';

test('a large ConfigMap in YAML is created and applied', async () => {
  const created = await send('POST', MAPS, 'application/yaml', `${HEAD}data:\n${data}  key-7: "again"\n`);
  expect(created.status).toBe(201);
  expect(created.warnings).toBe('299 - "line 2005: key \\"key-7\\" already set in map"');
  const object = JSON.parse(created.text) as { data: Record<string, string> };
  expect([Object.keys(object.data).length, object.data['key-7'], object.data['key-8']]).toEqual([
    2000,
    'again',
    'value 8',
  ]);
  const path = `${MAPS}/large?fieldManager=m&force=true`;
  const applied = await send('PATCH', path, 'application/apply-patch+yaml', `${HEAD}data:\n${data}`);
  expect([applied.status, JSON.parse(applied.text).data['key-7']]).toEqual([200, 'value 7']);
});

test.each([
  [
    'a mistake',
    `${HEAD}data:\n${data}  key-7: a: b\n`,
    400,
    'yaml: line 2005: mapping values are not allowed in this context',
  ],
  ['too much', `${HEAD}data:\n${'- a\n'.repeat(200_000)}`, 413, 'limit is 400000 tokens of YAML'],
])('%s', async (_, body, status, message) => {
  const answer = await send('POST', MAPS, 'application/yaml', body);
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(message);
});
