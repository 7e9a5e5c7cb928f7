/** HTTP/2 frames written by hand on a TLS connection, as no library sends them. */

import { connect, type TLSSocket } from 'node:tls';
import type { Target } from '../target.ts';

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const END_STREAM = 1;
export const END_HEADERS = 4;
/** Maximum payload that every peer accepts, in bytes. */
export const MAX_PAYLOAD = 16_384;

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.byteLength, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** An HPACK integer after the prefix bits of its first byte (RFC 7541, 5.1). */
function integer(value: number, bits: number, first: number): number[] {
  const max = 2 ** bits - 1;
  if (value < max) return [first | value];
  const bytes = [first | max];
  for (value -= max; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

const text = (value: string) =>
  Buffer.concat([Buffer.from(integer(value.length, 7, 0)), Buffer.from(value, 'latin1')]);

/** A literal field, without indexing (0) or with incremental indexing (64). */
export const field = (name: string, value: string, kept: 0 | 64 = 0): Buffer =>
  Buffer.concat([Buffer.from([kept]), text(name), text(value)]);

/** An indexed field; 62 is the most recent entry of the dynamic table. */
export const indexed = (index: number): Buffer => Buffer.from(integer(index, 7, 128));

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** A setting such as SETTINGS_INITIAL_WINDOW_SIZE. */
export const setting = (id: number, value: number): Buffer =>
  Buffer.concat([Buffer.from([0, id]), uint32(value)]);

export const get = (target: Target, path: string): Buffer =>
  Buffer.concat([
    field(':method', 'GET'),
    field(':scheme', 'https'),
    field(':authority', target.url.host),
    field(':path', path),
    field('authorization', `Bearer ${target.tokens.admin}`),
  ]);

/** Opens a connection and sends the preface. Errors close it. */
export function openConnection(target: Target, settings: Uint8Array = Buffer.alloc(0)): Promise<TLSSocket> {
  const { hostname: host, port } = target.url;
  return new Promise((resolve, reject) => {
    const socket = connect(
      { host, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['h2'] },
      () => {
        socket.off('error', reject).on('error', () => socket.destroy());
        socket.write(Buffer.concat([PREFACE, frame(FRAME.settings, 0, 0, settings)]));
        resolve(socket);
      },
    );
    socket.once('error', reject);
  });
}

/** Writes the pieces in order, waiting when the server applies backpressure; ends early if the connection is closed. */
export async function flood(
  socket: TLSSocket,
  pieces: Iterable<Uint8Array>,
  patienceMs: number,
): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    if (socket.write(piece)) continue;
    const isStuck = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), patienceMs);
      const go = () => {
        clearTimeout(timer);
        socket.off('drain', go).off('close', go);
        resolve(false);
      };
      socket.on('drain', go).on('close', go);
    });
    if (isStuck) return;
  }
}
