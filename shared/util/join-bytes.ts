import { breathe } from './breathe.ts';

/** So many bytes are copied between two looks at the clock. */
const STRIDE = 1024 * 1024;

/** All parts as one, copied in slices: an answer of hundreds of megabytes holds up nobody. */
export async function joinBytes(parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  if (size <= STRIDE) return Buffer.concat(parts, size);
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
