/** Objects' bytes as stored in items: compressed where worthwhile, the two images of a change in one value. */

import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

/** First byte of a packed value. */
const RAW = 0;
const BROTLI = 1;

/**
 * From this size on, speed matters more than the last tenth of compression; both levels find the similar second image.
 */
const FAST_FROM = 32 * 1024;
/** From this size on, compression takes longer than the transfer to another thread. */
const THREAD_FROM = 8 * 1024;

/** Compresses values of at least `packFrom` bytes, if that makes them smaller. */
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

/** Throws for bytes that `pack` did not produce. */
export function unpack(packed: Uint8Array): Uint8Array {
  const body = packed.subarray(1);
  if (packed[0] === RAW) return body;
  if (packed[0] === BROTLI) return brotliDecompressSync(body);
  throw new Error(`unknown packing ${packed[0]}`);
}

/** The object before and after a change; an absent image is an absent object. */
export interface Images {
  readonly after?: Uint8Array | undefined;
  readonly before?: Uint8Array | undefined;
}

/**
 * Packs both images into one value: they are nearly equal, so compression makes the second almost free. Only the length
 * of the first separates them; since no object is empty, a length of 0 means absent.
 */
export function packImages({ after, before }: Images, packFrom: number): Promise<Uint8Array> {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(after?.length ?? 0);
  return packParts([length, ...(after ? [after] : []), ...(before ? [before] : [])], packFrom);
}

export function unpackImages(packed: Uint8Array): Images {
  const bytes = unpack(packed);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  // Copied, because the newest image outlives its change and must not keep the older one in memory.
  const after = Uint8Array.prototype.slice.call(bytes, 4, 4 + length);
  const before = bytes.subarray(4 + length);
  return {
    after: after.length > 0 ? after : undefined,
    before: before.length > 0 ? before : undefined,
  };
}

/** Splits a value into parts that fit into an item beside its other attributes. */
export function split(bytes: Uint8Array, partBytes: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += partBytes) parts.push(bytes.subarray(at, at + partBytes));
  return parts;
}
