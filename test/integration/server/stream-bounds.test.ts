/** Watches on a host that can't detect disconnected clients, and closes silent streams. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, send, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const MAPS = '/api/v1/namespaces/default/configmaps';
const WATCH = `${MAPS}?watch=true&resourceVersion=1`;
const NEVER = 3_600_000;
const SOON = 20;
const PROTOBUF = { accept: 'application/vnd.kubernetes.protobuf;stream=watch' };
const TABLE = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' };

/** The watch's bytes, up to its end or the first `length` of them. */
async function read(
  url: string,
  headers: Record<string, string>,
  streamBounds: { watchMs: number; silenceMs: number },
  length = NEVER,
) {
  const { body } = await send(server, 'GET', url, { headers, streamBounds });
  let text = '';
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString('latin1');
    if (text.length >= length) return text.slice(0, length);
  }
  return text;
}

test.each<[string, string, Record<string, string>, { watchMs: number; silenceMs: number }]>([
  [
    'if the client reconnects: at the bound',
    `${WATCH}&timeoutSeconds=500`,
    {},
    { watchMs: SOON, silenceMs: NEVER },
  ],
  [
    'if the client reconnects: when it is silent',
    `${WATCH}&timeoutSeconds=500`,
    {},
    { watchMs: NEVER, silenceMs: SOON },
  ],
  ["without an end, if silence can't be filled", WATCH, PROTOBUF, { watchMs: NEVER, silenceMs: SOON }],
])('a watch ends cleanly: %s', async (_, url, headers, bounds) => {
  expect(await read(url, headers, bounds)).toBe('');
});

test.each([
  ['JSON', {}],
  ['tables', TABLE],
])('a watch of %s without a timeout stays open, with spaces sent while it is idle', async (_, headers) => {
  expect(await read(WATCH, headers, { watchMs: SOON, silenceMs: SOON }, 3)).toBe('   ');
});

test('an event after the spaces is a valid line', async () => {
  const { body } = await send(server, 'GET', WATCH, { streamBounds: { watchMs: NEVER, silenceMs: SOON } });
  let text = '';
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    if (text === ' ') {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
      expect((await call(server, 'POST', MAPS, { body: object })).status).toBe(201);
    }
    if (text.endsWith('\n')) break;
  }
  expect(text).toMatch(/^ +\{.*\}\n$/);
  expect(JSON.parse(text)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } });
});
