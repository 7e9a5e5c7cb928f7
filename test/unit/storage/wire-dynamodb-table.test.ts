import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { isTableError } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { WireDynamoDBTable } from '../../../shared/storage/dynamodb/wire-dynamodb-table.ts';

const KEY = { pk: 'p', sk: 's' };
const CONSISTENT = { consistent: true };
const ITEM = { pk: 'p', sk: 's', name: 'ü\u{1f600}' };
const BODY = JSON.stringify({ Item: { pk: { S: 'p' }, sk: { S: 's' }, name: { S: ITEM.name } } });
const answer = (body = BODY) =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const opened: { server: Server; table: WireDynamoDBTable; sockets: Set<Socket> }[] = [];

/** A table on a server that calls `onRequest` with the text of each request. */
async function serve(
  onRequest: (socket: Socket, request: string) => void,
  options: { readonly requestTimeout?: number; readonly now?: () => number } = {},
) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received += chunk.toString();
      const [head = '', body] = received.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/.exec(head)?.[1]);
      if (body === undefined || Buffer.byteLength(body) < length) return;
      const request = received;
      received = '';
      onRequest(socket, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const table = new WireDynamoDBTable({ endpoint, tableName: 't', ...options });
  opened.push({ server, table, sockets });
  return { table, sockets };
}

afterEach(() => {
  for (const { server, table, sockets } of opened.splice(0)) {
    table.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

const kindOf = (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: unknown) => (isTableError(error) ? error.kind : error),
  );

test('a response may arrive byte by byte', async () => {
  const { table } = await serve(async (socket) => {
    for (const byte of Buffer.from(answer())) {
      socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  expect(await table.get(KEY, CONSISTENT)).toEqual(ITEM);
  expect(await table.get(KEY, CONSISTENT)).toEqual(ITEM);
});

test('one socket serves request after request; at most fifty are opened', async () => {
  const held: Socket[] = [];
  const { table, sockets } = await serve((socket) => held.push(socket));
  const one = table.get(KEY, CONSISTENT);
  await expect.poll(() => held.length).toBe(1);
  held.pop()!.write(answer());
  await one;
  const many = Array.from({ length: 120 }, () => table.get(KEY, CONSISTENT));
  for (let answered = 0; answered < 120; ) {
    await expect.poll(() => held.length).toBe(Math.min(50, 120 - answered));
    expect(sockets.size).toBe(50);
    answered += held.length;
    for (const socket of held.splice(0)) socket.write(answer());
  }
  expect(await Promise.all(many)).toEqual(Array(120).fill(ITEM));
});

test.each([
  ['a missing length', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['invalid JSON', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n<'],
  ['half its body', answer().slice(0, -5)],
])('a response with %s may report success; the next request uses another connection', async (_, text) => {
  let requests = 0;
  const { table } = await serve((socket) => {
    if (++requests > 1) socket.write(answer());
    else if (text.endsWith('<') || text.endsWith('\n')) socket.write(text);
    else socket.end(text);
  });
  expect(await kindOf(table.get(KEY, CONSISTENT))).toBe('Ambiguous');
  expect(await table.get(KEY, CONSISTENT)).toEqual(ITEM);
});

test('a late response is not assigned to another request', async () => {
  const asked: Socket[] = [];
  const { table } = await serve(
    (socket) => {
      asked.push(socket);
      if (asked.length > 1) socket.write(answer());
    },
    { requestTimeout: 2_000 },
  );
  expect(await kindOf(table.get(KEY, CONSISTENT))).toBe('Ambiguous');
  asked[0]!.write(answer('{}'));
  expect(await table.get(KEY, CONSISTENT)).toEqual(ITEM);
});

test('an idle socket closed by the server is replaced', async () => {
  const { table, sockets } = await serve((socket) => socket.write(answer()));
  await table.get(KEY, CONSISTENT);
  const [first] = sockets;
  first!.end();
  await expect.poll(() => first!.destroyed).toBe(true);
  expect(await table.get(KEY, CONSISTENT)).toEqual(ITEM);
  expect(sockets.size).toBe(2);
});

test('the deadline of a transaction is checked when it is sent', async () => {
  let now = 1_000;
  const held: Socket[] = [];
  const { table } = await serve((socket) => held.push(socket), { now: () => now });
  const before = Array.from({ length: 50 }, () => table.get(KEY, CONSISTENT));
  await expect.poll(() => held.length).toBe(50);
  const transaction = kindOf(table.transact([{ put: KEY }], { notAfter: 1_500 }));
  now = 2_000;
  for (const socket of held.splice(0)) socket.write(answer());
  await Promise.all(before);
  expect(await transaction).toBe('TooLate');
  expect(held).toEqual([]);
});

test('a request waiting for a socket is sent after another fails', async () => {
  const held: Socket[] = [];
  const { table } = await serve((socket) => held.push(socket));
  const before = Array.from({ length: 50 }, () => kindOf(table.get(KEY, CONSISTENT)));
  await expect.poll(() => held.length).toBe(50);
  const last = table.get(KEY, CONSISTENT);
  for (const socket of held.splice(0)) socket.resetAndDestroy();
  expect(new Set(await Promise.all(before))).toEqual(new Set(['Ambiguous']));
  await expect.poll(() => held.length).toBe(1);
  held[0]!.write(answer());
  expect(await last).toEqual(ITEM);
});
