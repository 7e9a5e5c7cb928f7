import { breathe } from './breathe.ts';

/** So many bytes are copied between two looks at the clock. */
const STRIDE = 1024 * 1024;

const ENDS = new WeakMap<Uint8Array, readonly number[]>();

/** All parts as one, copied in slices: an answer of hundreds of megabytes holds up nobody. */
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

/** Where the parts of what was joined end; none are known of other bytes. */
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
