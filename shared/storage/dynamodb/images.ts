/** Bytes of objects as items hold them: compressed where that pays, a change's two images as one. */

import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

/** First byte of a packed value. */
const RAW = 0;
const BROTLI = 1;

/** From here on speed counts for more than the last tenth of size; both find the twin of a change's image. */
const FAST_FROM = 32 * 1024;
/** From here on compression takes longer than handing it to another thread. */
const THREAD_FROM = 8 * 1024;

/** Compresses what has at least `packFrom` bytes, if it gets smaller. */
export function pack(bytes: Uint8Array, packFrom: number): Promise<Uint8Array> {
  return packParts([bytes], packFrom);
}

async function packParts(parts: readonly Uint8Array[], packFrom: number): Promise<Uint8Array> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length >= packFrom) {
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const compressed = await compress(bytes);
    if (compressed.length < length) return Buffer.concat([Uint8Array.of(BROTLI), compressed]);
  }
  return Buffer.concat([Uint8Array.of(RAW), ...parts]);
}

const compressInThread = promisify(brotliCompress);

function compress(bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
  const options = {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: bytes.length >= FAST_FROM ? 1 : 3,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  };
  return bytes.length >= THREAD_FROM ? compressInThread(bytes, options) : brotliCompressSync(bytes, options);
}

/** Throws on bytes that `pack` did not make. */
export function unpack(packed: Uint8Array): Uint8Array {
  const body = packed.subarray(1);
  if (packed[0] === RAW) return body;
  if (packed[0] === BROTLI) return brotliDecompressSync(body);
  throw new Error(`unknown packing ${packed[0]}`);
}

/** What stood before and after a change; an absent image is an absent object. */
export interface Images {
  readonly after?: Uint8Array | undefined;
  readonly before?: Uint8Array | undefined;
}

/**
 * Both images in one value: near twins, so that compression makes the second almost free. Only their lengths tell
 * them apart: no object is empty, so that a length of 0 is an absent one.
 */
export function packImages({ after, before }: Images, packFrom: number): Promise<Uint8Array> {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(after?.length ?? 0);
  return packParts([length, ...(after ? [after] : []), ...(before ? [before] : [])], packFrom);
}

export function unpackImages(packed: Uint8Array): Images {
  const bytes = unpack(packed);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  // A copy: the newest image outlives its change, and must not keep the older one in memory.
  const after = Uint8Array.prototype.slice.call(bytes, 4, 4 + length);
  const before = bytes.subarray(4 + length);
  return {
    after: after.length > 0 ? after : undefined,
    before: before.length > 0 ? before : undefined,
  };
}

/** Cut so that each part fits into an item beside its other attributes. */
export function split(bytes: Uint8Array, partBytes: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += partBytes) parts.push(bytes.subarray(at, at + partBytes));
  return parts;
}
