import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { AnswersInFlight } from '../../../infra/local/http/answers-in-flight.ts';
import { BodiesInFlight } from '../../../infra/local/http/bodies-in-flight.ts';
import {
  type NodeAdapterOptions,
  nodeListener,
  splitTarget,
} from '../../../infra/local/http/node-adapter.ts';
import type { StatusError } from '../../../shared/meta/status-error.ts';
import type { ApiHandler, ApiRequest } from '../../../shared/request/api-request.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(
  handler: ApiHandler,
  bodies = new BodiesInFlight(),
  more: NodeAdapterOptions = {},
): Promise<string> {
  server = createServer(nodeListener(handler, { bodies, ...more }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const text = (body: string) => new TextEncoder().encode(body);

test.each([
  ['/a/b?x=1&x=2', '/a/b', 'x=1&x=2'],
  ['/a%2Fb/..', '/a%2Fb/..', ''],
  ['http://host:1/a?b', '/a', 'b='],
  ['http://host', '/', ''],
  ['//a?', '//a', ''],
])('target %s is path %s and query %s', (target, path, query) => {
  const split = splitTarget(target);
  expect([split.path, split.query.toString()]).toEqual([path, query]);
});

test('headers are UTF-8', async () => {
  let seen: string | undefined;
  const url = await serve(async ({ headers }) => {
    seen = headers.get('x-thing')?.toString();
    return { status: 200, headers: {}, body: text('') };
  });
  await fetch(url, { headers: { 'X-Thing': Buffer.from('jané \u{1f600}').toString('latin1') } });
  expect(seen).toBe('jané \u{1f600}');
});

test('a request is received, and a response sent, completely', async () => {
  let seen: ApiRequest | undefined;
  const url = await serve(async (request) => {
    seen = { ...request, body: await request.readBody!(100, 'ada') };
    return {
      status: 201,
      headers: { 'x-one': '1', warning: ['299 - "a"', '299 - "b"'] },
      body: text('made'),
    };
  });
  const response = await fetch(`${url}/api/v1/x?a=1&a=2`, {
    method: 'POST',
    headers: { 'X-Thing': 'y' },
    body: 'hello',
  });
  expect(await response.text()).toBe('made');
  expect(response.status).toBe(201);
  expect(response.headers.get('content-length')).toBe('4');
  expect(response.headers.get('warning')).toBe('299 - "a", 299 - "b"');
  expect({
    method: seen!.method,
    path: seen!.path,
    query: seen!.query.getAll('a'),
    header: seen!.headers.get('x-thing'),
    body: new TextDecoder().decode(seen!.body),
    canStream: seen!.canStream,
    certificates: seen!.clientCertificates,
  }).toEqual({
    method: 'POST',
    path: '/api/v1/x',
    query: ['1', '2'],
    header: ['y'],
    body: 'hello',
    canStream: true,
    certificates: undefined,
  });
});

/** The result of reading a body with a limit of 100 bytes. */
async function heardOf(init: RequestInit): Promise<string> {
  const url = await serve(async (request) => {
    const body = await request.readBody!(100, 'ada').then(
      (bytes) => `${bytes.byteLength > 100 ? 'more' : bytes.byteLength}`,
      (error: Error) => error.message,
    );
    return { status: 200, headers: {}, body: text(body) };
  });
  const response = await fetch(url, { method: 'POST', ...init });
  return response.text();
}

test.each<[string, RequestInit, string]>([
  ['the largest allowed size', { body: 'x'.repeat(100) }, '100'],
  ['one byte more', { body: 'x'.repeat(101) }, 'Request entity too large: limit is 100'],
  ['none', { body: '' }, '0'],
  ['more bytes, in chunks', { body: chunks(10, 11), duplex: 'half' } as RequestInit, 'more'],
  ['the largest allowed size, in chunks', { body: chunks(10, 10), duplex: 'half' } as RequestInit, '100'],
])('a body: %s', async (_, init, expected) => {
  expect(await heardOf(init)).toBe(expected);
});

function chunks(count: number, size: number): ReadableStream<Uint8Array> {
  let left = count;
  return new ReadableStream({
    pull(controller) {
      if (left-- === 0) controller.close();
      else controller.enqueue(Buffer.alloc(size, 'x'));
    },
  });
}

test('an unread body is not waited for, and the connection serves the next request', async () => {
  const url = await serve(async () => ({ status: 401, headers: {}, body: text('no') }));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (body: Buffer) =>
    new Promise<number>((resolve, reject) => {
      const request = httpRequest(url, { method: 'POST', agent }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode!));
      });
      request.on('error', reject);
      request.end(body);
    });
  expect([await ask(Buffer.alloc(3_000_000)), await ask(Buffer.alloc(10))]).toEqual([401, 401]);
  // The response arrives although the body never does.
  const slow = httpRequest(url, { method: 'POST', headers: { 'content-length': 1000 } });
  slow.flushHeaders();
  const [response] = await once(slow, 'response');
  expect(response.statusCode).toBe(401);
  slow.on('error', () => undefined).destroy();
  agent.destroy();
});

test('large bodies wait for capacity, per user and in total; small ones do not', async () => {
  const MB = 1024 * 1024;
  const bodies = new BodiesInFlight({ maxBytes: 4 * MB, timeoutMs: 200 });
  const admitted: string[] = [];
  const acquire = (user: string, bytes: number) =>
    bodies.acquire(bytes, user).then(
      (release) => {
        admitted.push(`${user} ${bytes / MB}`);
        return release;
      },
      (error: Error) => {
        admitted.push(`${user}: ${error.message}`);
        return () => undefined;
      },
    );
  const first = await acquire('ada', 2 * MB);
  const second = acquire('ada', MB);
  const third = await acquire('bob', 2 * MB);
  const fourth = acquire('eve', MB);
  await acquire('eve', MB / 32);
  first();
  first();
  await Promise.all([second, fourth]);
  // There is no room until another leaves, which does not happen.
  await acquire('eve', 2 * MB);
  third();
  (await second)();
  (await fourth)();
  // A single user may take more than the limit.
  await acquire('ada', 9 * MB);
  expect(admitted).toEqual([
    'ada 2',
    'bob 2',
    'eve 0.03125',
    'ada 1',
    'eve 1',
    'eve: Too many large request bodies at once, please try again later.',
    'ada 9',
  ]);
});

test('chunks are sent as they come, and a disconnected client ends the iteration', async () => {
  let isAborted = false;
  let isFinished = false;
  const url = await serve(async (request) => ({
    status: 200,
    headers: {},
    body: (async function* () {
      try {
        yield text('first\n');
        await once(request.signal, 'abort');
        isAborted = true;
        yield text('nobody reads this\n');
      } finally {
        isFinished = true;
      }
    })(),
  }));
  const request = httpRequest(url);
  request.end();
  const [response] = await once(request, 'response');
  const [chunk] = await once(response, 'data');
  expect(String(chunk)).toBe('first\n');
  request.destroy();
  request.on('error', () => undefined);
  await expect.poll(() => [isAborted, isFinished]).toEqual([true, true]);
});

test("at the host's deadline a response ends as if complete", async () => {
  const url = await serve(
    async ({ signal }) => ({
      status: 200,
      headers: {},
      body: (async function* () {
        yield text('first\n');
        await once(signal, 'abort');
        yield text(`${(signal.reason as Error).name}\n`);
      })(),
    }),
    undefined,
    { longestMs: 20 },
  );
  expect(await (await fetch(url)).text()).toBe('first\nTimeoutError\n');
});

/** More than sockets buffer. */
const LARGE = 64 * 1024 * 1024;

/** A client that sends a request and never reads. */
async function unread(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined).pause();
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  return socket;
}

/** Waits until bytes are counted, or until none are. */
async function heldBy(answers: AnswersInFlight, isHeld: boolean): Promise<void> {
  while (answers.bytes > 0 !== isHeld) await new Promise((done) => setImmediate(done));
}

const endless = (signal: AbortSignal) => ({
  async *[Symbol.asyncIterator]() {
    while (!signal.aborted) yield new Uint8Array(LARGE);
  },
});

test.each<[string, (request: ApiRequest) => Uint8Array | AsyncIterable<Uint8Array>]>([
  ['a large response', () => new Uint8Array(LARGE)],
  ['an endless response', ({ signal }) => endless(signal)],
])('a client that does not read %s is disconnected, and its memory freed', async (_, body) => {
  const answers = new AnswersInFlight({ stalledMs: 50 });
  const handler: ApiHandler = async (request) => ({ status: 200, headers: {}, body: body(request) });
  const url = await serve(handler, undefined, { answers });
  const client = await unread(url);
  await heldBy(answers, true);
  await heldBy(answers, false);
  while ((await connections(server!)) > 0) await new Promise((done) => setImmediate(done));
  client.destroy();
});

const connections = (of: Server) =>
  new Promise<number>((resolve) => of.getConnections((_, count) => resolve(count)));

test.each<[string, number, string[], number]>([
  ['is disconnected first', 0, ['first of bob is cut', 'second of bob is cut'], 14],
  ['is given time', 60_000, ['second of bob is refused', 'first of eve is refused'], 14],
])('without capacity, a client that has not read for long %s', (_, pressureStallMs, expected, bytes) => {
  const answers = new AnswersInFlight({ maxBytes: 20, stalledMs: 60_000, pressureStallMs });
  const seen: string[] = [];
  const begin = (name: string, connection: object, size: number) => {
    const begun = answers.begin(size, connection, () => seen.push(`${name} is cut`));
    if (begun === undefined) seen.push(`${name} is refused`);
    return begun;
  };
  const [ada, bob, eve] = [{}, {}, {}];
  const first = begin('first of ada', ada, 10);
  begin('first of bob', bob, 8);
  // More than half of the room for one client.
  begin('second of bob', bob, 8);
  first?.moved(4);
  begin('first of eve', eve, 8);
  expect([seen, answers.bytes]).toEqual([expected, bytes]);
  first?.end();
  first?.end();
  expect(answers.bytes).toBe(bytes - 6);
});

test('a response without capacity is not assembled', async () => {
  const size = { bytes: LARGE, objectBytes: LARGE };
  const codes: string[] = [];
  const finish: (() => void)[] = [];
  const handler: ApiHandler = async ({ path, claimAnswer }) => {
    try {
      claimAnswer!(size);
    } catch (error) {
      codes.push(`${path} ${(error as StatusError).status.code}`);
      return { status: 429, headers: {}, body: text('') };
    }
    codes.push(`${path} begins`);
    await new Promise<void>((done) => finish.push(done));
    return { status: 200, headers: {}, body: text('') };
  };
  const answers = new AnswersInFlight({ maxBytes: LARGE });
  const url = await serve(handler, undefined, { answers });
  // A single response finds room, which leaves none for others.
  const first = fetch(`${url}/first`);
  await heldBy(answers, true);
  await fetch(`${url}/second`);
  finish[0]!();
  await first;
  await heldBy(answers, false);
  const third = fetch(`${url}/third`);
  await heldBy(answers, true);
  finish[1]!();
  await third;
  expect(codes).toEqual(['/first begins', '/second 429', '/third begins']);
});
