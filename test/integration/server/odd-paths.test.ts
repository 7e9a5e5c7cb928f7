/** Paths that nobody writes by accident are answered as kube-apiserver 1.37.2 answers them. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const MAPS = '/api/v1/namespaces/default/configmaps';
const POD = '/api/v1/namespaces/default/pods/x';
const UNKNOWN = 'the server could not find the requested resource';

test.each([
  ['GET', `${MAPS}/%ff`, 404, 'configmaps "\ufffd" not found'],
  ['GET', `${MAPS}/%c3%28`, 404, 'configmaps "\ufffd(" not found'],
  ['DELETE', `${MAPS}/%ff`, 404, 'configmaps "\ufffd" not found'],
  ['GET', `${MAPS}/%2e%2e`, 400, 'Name parameter invalid: "..": may not be \'..\''],
  ['GET', `${MAPS}/a%2fb`, 404, UNKNOWN],
  ['GET', '/api/v1/namespaces/.', 400, 'Name parameter invalid: ".": may not be \'.\''],
  ['GET', '/version/..', 404, UNKNOWN],
  ['POST', '/version/../api', 404, UNKNOWN],
  ['GET', '/api//v1', 404, UNKNOWN],
  ['GET', `${POD}/log`, 404, 'pods "x" not found'],
  ['GET', `${POD}/log/y`, 404, UNKNOWN],
  ['GET', `${POD}/exec/y?command=a`, 404, UNKNOWN],
  ['GET', `${POD}/proxy/y/z`, 404, 'pods "x" not found'],
])('%s %s', async (method, path, status, message) => {
  const answer = await call(server, method, path);
  expect([answer.status, answer.json?.message]).toEqual([status, message]);
});

test('DELETE has what is counted begin anew', async () => {
  const isCounted = async (): Promise<boolean> =>
    (await call(server, 'GET', '/metrics')).text
      .split('\n')
      .some((line) => line.startsWith('apiserver_request_total{') && line.includes('resource="configmaps"'));
  await call(server, 'GET', `${MAPS}/none`);
  expect(await isCounted()).toBe(true);
  const { status, text, headers } = await call(server, 'DELETE', '/metrics');
  expect([status, text, headers['content-type']]).toEqual([
    200,
    'metrics reset\n',
    'text/plain; charset=utf-8',
  ]);
  expect(await isCounted()).toBe(false);
});
