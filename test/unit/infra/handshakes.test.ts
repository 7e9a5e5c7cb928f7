import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { queueHandshakes } from '../../../infra/local/http/handshakes.ts';

const TIMEOUT_MS = 1_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A server that says with which connections it shook hands. */
function newServer() {
  const server = new EventEmitter();
  const shaken: PassThrough[] = [];
  server.on('connection', (socket: PassThrough) => shaken.push(socket));
  queueHandshakes(server, TIMEOUT_MS);
  return { server, shaken };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

async function connect(server: EventEmitter, count: number): Promise<PassThrough[]> {
  const sockets = Array.from({ length: count }, () => new PassThrough());
  for (const socket of sockets) {
    server.emit('connection', socket);
    socket.write('hello');
  }
  await settle();
  return sockets;
}

test('some shake hands at a time, in the order in which they came, and others when those have done so', async () => {
  const { server, shaken } = newServer();
  const sockets = await connect(server, 10);
  expect(shaken).toEqual(sockets.slice(0, 2));
  server.emit('secureConnection', sockets[0]);
  server.emit('tlsClientError', new Error('bad'), sockets[1]);
  await settle();
  expect(shaken).toEqual(sockets.slice(0, 4));
});

test('who does not go on holds up nobody for long', async () => {
  const { server, shaken } = newServer();
  const sockets = await connect(server, 6);
  vi.advanceTimersByTime(5);
  await settle();
  expect(shaken).toEqual(sockets.slice(0, 4));
  vi.advanceTimersByTime(5);
  await settle();
  expect(shaken).toEqual(sockets);
});

test('who has gone meanwhile has no turn', async () => {
  const { server, shaken } = newServer();
  const sockets = await connect(server, 4);
  sockets[2]!.destroy(new Error('gone'));
  await settle();
  vi.advanceTimersByTime(5);
  await settle();
  expect(shaken).toEqual([...sockets.slice(0, 2), sockets[3]]);
});

test('who says nothing is cut off, and so is who only ends', async () => {
  const { server, shaken } = newServer();
  const [silent, ended] = [new PassThrough(), new PassThrough()];
  server.emit('connection', silent);
  server.emit('connection', ended);
  ended.end();
  await settle();
  expect([silent.destroyed, ended.destroyed]).toEqual([false, true]);
  vi.advanceTimersByTime(TIMEOUT_MS);
  expect([silent.destroyed, shaken]).toEqual([true, []]);
});
