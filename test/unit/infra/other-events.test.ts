import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { nodeListener } from '../../../infra/local/http/node-adapter.ts';
import { listenToOtherEvents } from '../../../infra/local/http/other-events.ts';
import type { ApiHandler } from '../../../shared/request/api-request.ts';

/** Reads bodies of ten bytes, if the request is authorized. */
const handler: ApiHandler = async ({ path, readBody }) => {
  if (path === '/forbidden') return { status: 403, headers: {}, body: Buffer.from('no') };
  return { status: 200, headers: {}, body: (await readBody?.(10, 'ada'))! };
};

/** The response; `sent` is written in pieces. */
async function exchange(...sent: readonly string[]): Promise<string> {
  const listener = nodeListener(handler);
  const server = createServer(listener).listen(0, '127.0.0.1');
  listenToOtherEvents(server, handler, listener);
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  for (const piece of sent) {
    socket.write(piece);
    await new Promise((done) => setTimeout(done, 20));
  }
  const answers = await text(socket);
  server.close();
  return answers
    .replace(/^(Date|Connection|content-length|Content-Length): .*\r\n/gm, '')
    .replaceAll('\r\n', ' ');
}

const head = (path: string, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n${more}\r\n`;

test.each([
  [
    'is requested from an allowed client',
    [head('/', 'Connection: close\r\n'), 'hello'],
    'HTTP/1.1 100 Continue  HTTP/1.1 200 OK  hello',
  ],
  [
    'is rejected for a forbidden client, whose connection ends',
    [head('/forbidden')],
    'HTTP/1.1 403 Forbidden  no',
  ],
  [
    'is rejected once for a forbidden client that sends it anyway',
    [head('/forbidden'), 'hello'],
    'HTTP/1.1 403 Forbidden  no',
  ],
])('a body that waits to be read, %s', async (_, sent, expected) => {
  expect(await exchange(...sent)).toBe(expected);
});

test('a client that pipelines too many requests is disconnected', async () => {
  let begun = 0;
  const slow: ApiHandler = () => {
    begun++;
    return new Promise(() => undefined);
  };
  const listener = nodeListener(slow);
  const server = createServer(listener).listen(0, '127.0.0.1');
  listenToOtherEvents(server, slow, listener);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const patient = connect(port, '127.0.0.1');
  patient.write(request.repeat(100));
  const hasty = connect(port, '127.0.0.1').on('error', () => undefined);
  hasty.write(request.repeat(100_000));
  hasty.resume();
  await new Promise((closed) => hasty.once('close', closed));
  expect([begun < 1_000, patient.destroyed]).toEqual([true, false]);
  patient.destroy();
  server.close();
});
