/**
 * Compression of large responses that mostly repeat an earlier one, such as lists of the same objects with a few
 * changes. A response is cut at content-defined boundaries, so that an insertion or deletion changes only the piece it
 * falls in; pieces compressed recently are looked up by their bytes.
 */

import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { BoundedCache } from './bounded-cache.ts';
import { type CompressedPiece, compressBlocks, gzipMember } from './gzip.ts';
import { endsOfParts } from './join-bytes.ts';

/**
 * Sizes of a piece in bytes. The minimum is well below the typical size: if many cuts were forced to move by it, the
 * boundaries would take long to realign after a change.
 */
const LEAST_BYTES = 16 * 1024;
const TYPICAL_BYTES = 96 * 1024;
const MOST_BYTES = 256 * 1024;
/** Shorter parts are separators, which are always the same. */
const LEAST_PART_BYTES = 64;
/** Bytes of a part that decide whether a piece ends there: objects differ within them. */
const COMPARED_BYTES = 256;
/** One more than the highest checksum. */
const CHECKSUMS = 2 ** 32;
/** zlib's fastest level: speed matters more than size. */
const LEVEL = 1;
/** Number of compressed pieces kept. */
const MAX_KEPT = 96;

interface Kept extends CompressedPiece {
  readonly bytes: Uint8Array;
}

const kept = new BoundedCache<string, Kept>({ max: MAX_KEPT });

const gzip = promisify(zlib.gzip) as (bytes: Uint8Array, options: zlib.ZlibOptions) => Promise<Uint8Array>;

/**
 * Compresses `body` into one gzip member. If it was made by `joinBytes`, the parts joined there are the units of
 * change.
 */
export async function gzipAlike(body: Uint8Array): Promise<Uint8Array> {
  const pieces = piecesOf(body);
  // A response of more pieces would evict its own from the cache.
  if (pieces.length > MAX_KEPT / 2) return gzip(body, { level: LEVEL });
  return gzipMember(pieces.map(compressed));
}

/** Cuts `body` into pieces, in order, none longer than `MOST_BYTES`. */
export function piecesOf(body: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  const cut = (to: number): void => {
    pieces.push(body.subarray(from, to));
    from = to;
  };
  let partAt = 0;
  for (const end of endsOfParts(body)) {
    while (end - from > MOST_BYTES) cut(from + MOST_BYTES);
    if (end - from >= LEAST_BYTES && isLast(body.subarray(partAt, end))) cut(end);
    partAt = end;
  }
  while (from < body.byteLength) cut(Math.min(from + MOST_BYTES, body.byteLength));
  return pieces;
}

/**
 * Whether a piece ends after the part. The probability is proportional to the part's length, for pieces of the typical
 * size.
 */
function isLast(part: Uint8Array): boolean {
  if (part.byteLength < LEAST_PART_BYTES) return false;
  const share = zlib.crc32(part.subarray(0, COMPARED_BYTES)) / CHECKSUMS;
  return share < part.byteLength / TYPICAL_BYTES;
}

function compressed(bytes: Uint8Array): CompressedPiece {
  const checksum = zlib.crc32(bytes);
  const { byteLength } = bytes;
  const key = `${byteLength} ${checksum}`;
  const known = kept.get(key);
  if (known !== undefined && Buffer.compare(known.bytes, bytes) === 0) return known;
  // A copy, because a subarray would keep the whole response in memory.
  const copy = Uint8Array.from(bytes);
  const made: Kept = { bytes: copy, byteLength, checksum, blocks: compressBlocks(copy, LEVEL) };
  kept.set(key, made);
  made.blocks.catch(() => kept.delete(key, made));
  return made;
}
