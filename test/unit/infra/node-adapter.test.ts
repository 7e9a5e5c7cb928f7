import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { nodeListener, splitTarget } from '../../../infra/local/node-adapter.ts';
import type { ApiHandler, ApiRequest } from '../../../shared/request/api-request.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(handler: ApiHandler, maxBodyBytes = 100): Promise<string> {
  server = createServer(nodeListener(handler, { maxBodyBytes }));
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

test('a request arrives whole, an answer leaves whole', async () => {
  let seen: ApiRequest | undefined;
  const url = await serve(async (request) => {
    seen = request;
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

test('a body over the limit reaches the handler cut, just longer than the limit allows', async () => {
  let size = 0;
  const url = await serve(async (request) => {
    size = request.body.byteLength;
    return { status: 413, headers: {}, body: text('too large') };
  });
  const response = await fetch(url, { method: 'POST', body: 'x'.repeat(101) });
  expect([response.status, size > 100]).toEqual([413, true]);
});

test('chunks are sent as they come, and a client that goes away ends the iteration', async () => {
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
