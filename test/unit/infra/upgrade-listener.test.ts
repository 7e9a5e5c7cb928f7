import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { AnswersInFlight } from '../../../infra/local/http/answers-in-flight.ts';
import { BodiesInFlight } from '../../../infra/local/http/bodies-in-flight.ts';
import { nodeListener } from '../../../infra/local/http/node-adapter.ts';
import { upgradeListener } from '../../../infra/local/http/upgrade-listener.ts';
import type { ApiHandler, ApiRequest } from '../../../shared/request/api-request.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(handler: ApiHandler, answers?: AnswersInFlight): Promise<number> {
  server = createServer(nodeListener(handler, { bodies: new BodiesInFlight() }));
  server.on('upgrade', upgradeListener(server, handler, answers && { answers }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const one of texts) yield Buffer.from(one);
}

const NONE: Readonly<Record<string, string>> = {};

/** Echoes the request; upgrades to a WebSocket where possible. */
const echo: ApiHandler = async (request) => {
  if (request.canUpgrade && request.path === '/watch') {
    return { status: 101, headers: NONE, body: chunks('one\n', 'two\n'), isText: request.query.has('text') };
  }
  const upgrade = request.headers.get('upgrade')?.join() ?? 'none';
  const sent = Buffer.from((await request.readBody?.(1000, 'ada')) ?? []);
  const body = Buffer.from(`${request.method} ${request.path} ${upgrade} ${sent}`);
  return { status: 200, headers: { 'content-type': 'text/plain' }, body };
};

test.each([
  ['?text', false],
  ['', true],
])('each chunk is a message of /watch%s, then the connection is closed', async (query, binary) => {
  const port = await serve(echo);
  const client = new WebSocket(`ws://127.0.0.1:${port}/watch${query}`, { origin: 'http://here' });
  const seen: [string, boolean][] = [];
  client.on('message', (data, isBinary) => seen.push([String(data), isBinary]));
  const [code] = await once(client, 'close');
  expect({ seen, code }).toEqual({
    seen: [
      ['one\n', binary],
      ['two\n', binary],
    ],
    code: 1000,
  });
});

test('a client that does not read its messages is disconnected, and its memory freed', async () => {
  const answers = new AnswersInFlight({ stalledMs: 50 });
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield new Uint8Array(1 << 20);
  }
  const port = await serve(async () => ({ status: 101, headers: NONE, body: endless() }), answers);
  const fields = Object.entries({ host: 'a', ...HANDSHAKE }).map(([name, value]) => `${name}: ${value}\r\n`);
  const client = connect(port, '127.0.0.1').on('error', () => undefined);
  client.pause();
  client.write(`GET /watch HTTP/1.1\r\n${fields.join('')}\r\n`);
  const turn = () => new Promise((done) => setImmediate(done));
  while (answers.bytes === 0) await turn();
  while (answers.bytes > 0) await turn();
  const connections = () => new Promise<number>((done) => server!.getConnections((_, count) => done(count)));
  while ((await connections()) > 0) await turn();
  client.destroy();
});

test('one subprotocol is selected', async () => {
  const port = await serve(echo);
  const client = new WebSocket(`ws://127.0.0.1:${port}/watch`, ['a.b'], { origin: 'http://here' });
  await once(client, 'open');
  expect(client.protocol).toBe('a.b');
});

const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  origin: 'http://here',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
};

async function ask(
  port: number,
  path: string,
  headers: Record<string, string>,
  { method = 'GET', body }: { method?: string; body?: string } = {},
) {
  const request = httpRequest({ port, host: '127.0.0.1', path, method, headers });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, text: await text(response) };
}

test.each([
  ['no origin', { origin: '' }, 403, ''],
  ['an invalid origin', { origin: 'here' }, 403, ''],
  ['an old version', { 'sec-websocket-version': '8' }, 400, 'missing or bad WebSocket Version'],
  ['no key', { 'sec-websocket-key': '' }, 400, 'mismatch challenge/response'],
  ['subprotocols to choose from', { 'sec-websocket-protocol': 'a,b' }, 400, ''],
])('%s: rejected', async (_, headers, status, body) => {
  const port = await serve(echo);
  const answer = await ask(port, '/watch', { ...HANDSHAKE, ...headers });
  expect({ status: answer.status, text: answer.text }).toEqual({ status, text: body });
  expect(answer.headers['sec-websocket-version']).toBe('sec-websocket-version' in headers ? '13' : undefined);
});

test('a request other than a watch gets an ordinary response', async () => {
  const port = await serve(echo);
  expect(await ask(port, '/list', HANDSHAKE)).toMatchObject({
    status: 200,
    text: 'GET /list websocket ',
    headers: { connection: 'close' },
  });
});

test.each([
  ['SPDY', { connection: 'Upgrade', upgrade: 'SPDY/3.1' }],
  ['h2c', { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'x' }],
])('a request for %s gets the ordinary response', async (_, headers) => {
  const port = await serve(echo);
  for (const given of [{ method: 'GET' }, { method: 'POST', body: 'hello' }, { method: 'POST', body: '' }]) {
    const answer = await ask(port, '/watch', headers, given);
    expect({ status: answer.status, text: answer.text }).toEqual({
      status: 200,
      text: `${given.method} /watch none ${given.body ?? ''}`,
    });
  }
});

test('a connection after an upgrade request serves further requests', async () => {
  const port = await serve(echo);
  const socket = connect(port, '127.0.0.1');
  const request = (path: string, more: string) =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\n${more}Content-Length: 2\r\n\r\nhi`;
  socket.write(
    request('/a', 'Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n') + request('/b', 'Connection: close\r\n'),
  );
  const answers = await text(socket);
  expect(answers.match(/POST .*? hi/g)).toEqual(['POST /a none hi', 'POST /b none hi']);
});

test('a disconnected client ends the watch', async () => {
  let seen: ApiRequest | undefined;
  const port = await serve(async (request) => {
    seen = request;
    async function* body() {
      yield Buffer.from('first');
      await once(request.signal, 'abort');
    }
    return { status: 101, headers: {}, body: body() };
  });
  const client = new WebSocket(`ws://127.0.0.1:${port}/watch`, { origin: 'http://here' });
  await once(client, 'message');
  client.terminate();
  if (!seen!.signal.aborted) await once(seen!.signal, 'abort');
  expect(seen!.signal.aborted).toBe(true);
});
