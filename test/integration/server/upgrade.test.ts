/** Requests with an `Upgrade` header on a host that can't upgrade: each gets a finite response. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const WEB_SOCKET = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
  origin: 'https://here',
};
/** The headers that API Gateway forwards. */
const { connection: _, upgrade: __, ...BEHIND_GATEWAY } = WEB_SOCKET;

const WATCH = '/api/v1/namespaces/default/configmaps?watch=true';
const PROTOBUF = 'application/vnd.kubernetes.protobuf;stream=watch';

test.each([
  ['a watch', WATCH, WEB_SOCKET, 'application/json'],
  ['a watch behind a gateway', WATCH, BEHIND_GATEWAY, 'application/json'],
  ['a watch under the old path', '/api/v1/watch/configmaps', WEB_SOCKET, 'application/json'],
  ['a watch in protobuf', WATCH, { ...WEB_SOCKET, accept: PROTOBUF }, PROTOBUF],
  ['a watch from a future revision', `${WATCH}&resourceVersion=999999`, WEB_SOCKET, 'application/json'],
])("%s that can't be a WebSocket ends immediately", async (_, url, headers, contentType) => {
  const answer = await send(server, 'GET', url, { headers });
  expect({ ...answer, headers: answer.headers['content-type'] }).toEqual({
    status: 200,
    headers: contentType,
    body: new Uint8Array(),
  });
});

test.each([
  ['GET', '/api/v1/namespaces/default/configmaps', WEB_SOCKET, 200],
  ['GET', '/api/v1/namespaces/default/configmaps/none', WEB_SOCKET, 404],
  ['GET', `${WATCH}&fieldSelector=no.such=x`, WEB_SOCKET, 400],
  ['GET', '/api/v1/namespaces/default/pods/none/exec?command=x&stdout=true', WEB_SOCKET, 404],
  [
    'POST',
    '/api/v1/namespaces/default/pods/none/exec?command=x&stdout=true',
    { upgrade: 'SPDY/3.1', connection: 'Upgrade' },
    404,
  ],
  [
    'POST',
    '/api/v1/namespaces/default/pods/none/portforward',
    { upgrade: 'SPDY/3.1', connection: 'Upgrade' },
    404,
  ],
  ['GET', '/api/v1/namespaces', { upgrade: 'h2c', connection: 'Upgrade, HTTP2-Settings' }, 200],
])('%s %s: %j', async (method, url, headers, status) => {
  expect((await send(server, method, url, { headers })).status).toBe(status);
});
