/** Bytes of unused buffer that may be retained. */
const SLACK = 64;

/**
 * Returns the bytes in a buffer of their own, for long-term storage: small Buffers share pools of 8 KB, and each keeps
 * its whole pool in memory.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer.byteLength - bytes.byteLength <= SLACK) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.byteLength);
  own.set(bytes);
  return own;
}
