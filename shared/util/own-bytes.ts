/** What may be kept beside bytes for nothing. */
const SLACK = 64;

/**
 * The bytes in memory of their own, for who keeps them for long: small Buffers share blocks of 8 KB with what was made
 * before and after them, and each keeps its whole block.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer.byteLength - bytes.byteLength <= SLACK) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.byteLength);
  own.set(bytes);
  return own;
}
