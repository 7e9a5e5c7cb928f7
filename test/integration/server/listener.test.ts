/** The listener before the handler chain: bodies of rejected requests are not read, headers are limited. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type HttpsServer, startHttpsServer } from '../../../infra/local/http/https-server.ts';
import { issueCertificate } from '../../../shared/util/issue-certificate.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { startTestServer, type TestServer } from '../../fixtures/api-server.ts';

let server: TestServer;
let listener: HttpsServer;
beforeAll(async () => {
  // Anonymous, without any permissions of its own.
  server = await startTestServer({ authorizationMode: ['RBAC'] });
  const { certificate, key } = await issueCertificate({
    name: 'CN=a',
    usage: 'server',
    hosts: ['localhost'],
  });
  const { handler } = server;
  listener = await startHttpsServer({
    logger: newLogger(() => undefined),
    handler,
    address: '127.0.0.1',
    port: 0,
    certificate,
    key,
  });
});
afterAll(async () => {
  await listener.close(0);
  await server.close();
});

const open = async (): Promise<TLSSocket> => {
  const socket = connect({ port: listener.port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return socket;
};

const diagnostics = new EventEmitter();
const tellDiagnostics = (message: unknown) => {
  diagnostics.emit('message', (message as { socket: Socket }).socket);
};

const PATH = '/api/v1/namespaces/default/configmaps';
const answerOf = (message: string) => {
  const [head = '', body = ''] = message.split('\r\n\r\n');
  const { code, reason, message: said } = JSON.parse(body);
  return [head.split('\r\n')[0], code, reason, said];
};

test('writes are sent immediately, regardless of unacknowledged data', async () => {
  const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
  const accepted = once(diagnostics, 'message');
  subscribe('net.server.socket', tellDiagnostics);
  const socket = await open();
  const [serverSide] = await accepted;
  unsubscribe('net.server.socket', tellDiagnostics);
  socket.destroy();
  const calls = setNoDelay.mock.contexts.flatMap((context, at) =>
    context === serverSide ? [setNoDelay.mock.calls[at]] : [],
  );
  setNoDelay.mockRestore();
  expect(calls).toEqual([[]]);
});

test('unauthorized bodies are rejected before they are received', async () => {
  const socket = await open();
  socket.write(`POST ${PATH} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n`);
  const [, code, reason] = answerOf(await text(socket));
  expect([code, reason]).toEqual([403, 'Forbidden']);
});

test('HTTP/2: unauthorized bodies are rejected, and the stream ends', async () => {
  const session = connectHttp2(`https://127.0.0.1:${listener.port}`, { rejectUnauthorized: false });
  const stream = session.request({ ':method': 'POST', ':path': PATH }, { endStream: false });
  const [headers] = await once(stream, 'response');
  stream.resume();
  await once(stream, 'close');
  expect([headers[':status'], stream.rstCode]).toEqual([403, constants.NGHTTP2_NO_ERROR]);
  session.close();
});

test('HTTP/2: a connection is closed after a hundred unauthenticated requests', async () => {
  const session = connectHttp2(`https://127.0.0.1:${listener.port}`, { rejectUnauthorized: false });
  const closed = once(session, 'close');
  // Until it has received the server's settings, a client limits itself to a hundred streams.
  await once(session, 'remoteSettings');
  const codes = await Promise.all(
    Array.from({ length: 120 }, async () => {
      const stream = session.request({ ':path': PATH });
      stream.resume();
      const [headers] = await once(stream, 'response');
      return headers[':status'];
    }),
  );
  await closed;
  // Browsers send many concurrent requests: all that were sent before the client knew the limit are answered.
  expect(codes).toEqual(Array(120).fill(403));
});

/** Node 24's parser rejects it before any handler. */
const REFUSED_BY_EITHER = expect.stringMatching(
  /^(unsupported transfer encoding|not a request of HTTP\/1\.1)$/,
);

test.each([
  [
    'a too long URL',
    `GET /${'a'.repeat(140_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    [
      'HTTP/1.1 431 Request Header Fields Too Large',
      431,
      'RequestEntityTooLarge',
      "the request's address and header fields are too large: limit is 131072",
    ],
  ],
  [
    'too long header fields',
    `GET / HTTP/1.1\r\nHost: a\r\n${`X-A: ${'a'.repeat(10_000)}\r\n`.repeat(14)}\r\n`,
    [
      'HTTP/1.1 431 Request Header Fields Too Large',
      431,
      'RequestEntityTooLarge',
      "the request's address and header fields are too large: limit is 131072",
    ],
  ],
  ...['FOO', 'get', 'A!B'].map((method): [string, string, unknown[]] => [
    `the method ${method}`,
    `${method} /version HTTP/1.1\r\nHost: a\r\n\r\n`,
    [
      'HTTP/1.1 405 Method Not Allowed',
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
    ],
  ]),
  [
    'the method CONNECT',
    'CONNECT /version HTTP/1.1\r\nHost: a\r\n\r\n',
    [
      'HTTP/1.1 403 Forbidden',
      403,
      'Forbidden',
      'forbidden: User "system:anonymous" cannot connect path "/version"',
    ],
  ],
  [
    'not HTTP',
    'HELO a\r\n\r\n',
    ['HTTP/1.1 400 Bad Request', 400, 'BadRequest', 'not a request of HTTP/1.1'],
  ],
  ...[
    ['no host', 'HTTP/1.1\r\n', 'missing required Host header'],
    ['two hosts', 'HTTP/1.1\r\nHost: a\r\nHost: b\r\n', 'too many Host headers'],
    ['a host with a path', 'HTTP/1.1\r\nHost: a/b\r\n', 'malformed Host header'],
    ['a host with a user', 'HTTP/1.1\r\nHost: u@a\r\n', 'malformed Host header'],
    ['no version', '\r\n', 'not a request of HTTP/1.1'],
    ['a version that HTTP/1 has not', 'HTTP/2.0\r\nHost: a\r\n', 'not a request of HTTP/1.1'],
    [
      'the same, and a wish for another protocol',
      'HTTP/2.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\n',
      'not a request of HTTP/1.1',
    ],
    [
      'an unsupported transfer coding',
      'HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n',
      'unsupported transfer encoding',
    ],
    [
      'no coding, beside a length',
      'HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\nContent-Length: 0\r\n',
      REFUSED_BY_EITHER,
    ],
    [
      'the same, and a wish for another protocol',
      'HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\nTransfer-Encoding:\r\nContent-Length: 0\r\n',
      REFUSED_BY_EITHER,
    ],
    [
      'pieces in HTTP/1.0',
      'HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n',
      'a transfer encoding in HTTP/1.0',
    ],
    [
      'pieces beside a length',
      'HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n',
      'not a request of HTTP/1.1',
    ],
  ].map(([name, rest, why]): [string, string, unknown[]] => [
    name!,
    `GET /version ${rest}\r\n`,
    ['HTTP/1.1 400 Bad Request', 400, 'BadRequest', why],
  ]),
])('%s', async (_, sent, expected) => {
  const socket = await open();
  socket.write(sent);
  expect(answerOf(await text(socket))).toEqual(expected);
});

test('an address of 100 KB is served', async () => {
  const socket = await open();
  const query = encodeURIComponent(`a in (${Array(20_000).fill('b').join(',')})`);
  socket.write(`GET /version?labelSelector=${query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  expect((await text(socket)).split('\r\n')[0]).toBe('HTTP/1.1 200 OK');
});

/** The status codes of consecutive responses. */
const codesOf = (answers: string) =>
  [...answers.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, code]) => Number(code));
const VERSION = 'GET /version HTTP/1.1\r\nHost: a\r\n';
const LAST = `${VERSION}Connection: close\r\n\r\n`;

test.each([
  ['a malformed request', `${VERSION}\r\nHELO a\r\n\r\n`, [200, 400]],
  ['an unknown method', `${VERSION}\r\nFOO / HTTP/1.1\r\nHost: a\r\n\r\n`, [200, 405]],
  ['CONNECT', `${VERSION}\r\nCONNECT /version HTTP/1.1\r\nHost: a\r\n\r\n`, [200, 403]],
  ["a malformed request after the connection's last request", `${LAST}HELO a\r\n\r\n`, [200]],
  ['a body with an invalid chunk', `${VERSION}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, [400]],
])('a response is sent before the rejection of %s', async (_, sent, codes) => {
  const socket = await open();
  socket.write(sent);
  expect(codesOf(await text(socket))).toEqual(codes);
});

test('an upgrade request waits for the responses before it', async () => {
  const socket = await open();
  const wish = `GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n`;
  socket.write(`${VERSION}\r\n${wish}${LAST}`);
  const answers = await text(socket);
  expect(answers.split('HTTP/1.1 200 OK').map((answer) => answer.includes('gitVersion'))).toEqual([
    false,
    true,
    false,
    true,
  ]);
});
