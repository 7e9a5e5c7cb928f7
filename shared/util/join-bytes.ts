import { breathe } from './breathe.ts';

/** Bytes copied between two checks of the clock. */
const STRIDE = 1024 * 1024;

const ENDS = new WeakMap<Uint8Array, readonly number[]>();

/**
 * Concatenates the parts, copying in slices so that a response of hundreds of megabytes does not block the event loop.
 */
export async function joinBytes(parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const ends: number[] = [];
  let size = 0;
  for (const { length } of parts) {
    size += length;
    ends.push(size);
  }
  const joined = size <= STRIDE ? Buffer.concat(parts, size) : await copied(parts, size);
  ENDS.set(joined, ends);
  return joined;
}

/** The end offsets of the parts in bytes made by `joinBytes`; empty for any other bytes. */
export function endsOfParts(joined: Uint8Array): readonly number[] {
  return ENDS.get(joined) ?? [];
}

async function copied(parts: readonly Uint8Array[], size: number): Promise<Uint8Array> {
  const joined = Buffer.allocUnsafeSlow(size);
  let at = 0;
  let pauseAt = STRIDE;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
    if (at < pauseAt) continue;
    pauseAt = at + STRIDE;
    await breathe();
  }
  return joined;
}
