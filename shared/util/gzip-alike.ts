/**
 * Compression of large answers, most of which was in an answer before: lists of the same objects, but for a few. An
 * answer is cut into pieces where its own bytes say so, so that what comes or goes in the middle changes the piece that
 * it is in and no other; pieces that were compressed lately are found by their bytes.
 */

import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { BoundedCache } from './bounded-cache.ts';
import { type CompressedPiece, compressBlocks, gzipMember } from './gzip.ts';
import { endsOfParts } from './join-bytes.ts';

/** Bytes of a piece. Few are of the least: where they had to be longer, it would take long until cuts meet again. */
const LEAST_BYTES = 16 * 1024;
const TYPICAL_BYTES = 96 * 1024;
const MOST_BYTES = 256 * 1024;
/** Shorter parts stand between others, and are always the same. */
const LEAST_PART_BYTES = 64;
/** Of a part, so many bytes say whether a piece ends there: where objects differ from each other. */
const LOOKED_AT_BYTES = 256;
/** Above all checksums. */
const CHECKSUMS = 2 ** 32;
/** Speed counts for more than size. */
const LEVEL = 1;
/** Pieces that are kept, with their blocks. */
const MAX_KEPT = 96;

interface Kept extends CompressedPiece {
  readonly bytes: Uint8Array;
}

const kept = new BoundedCache<string, Kept>({ max: MAX_KEPT });

const gzip = promisify(zlib.gzip) as (bytes: Uint8Array, options: zlib.ZlibOptions) => Promise<Uint8Array>;

/** One gzip member. `body` may have been joined by `joinBytes`, whose parts are then what comes and goes. */
export async function gzipAlike(body: Uint8Array): Promise<Uint8Array> {
  const pieces = piecesOf(body);
  // More would drive each other out.
  if (pieces.length > MAX_KEPT / 2) return gzip(body, { level: LEVEL });
  return gzipMember(pieces.map(compressed));
}

/** In their order, none longer than `MOST_BYTES`. */
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

/** Whether a piece ends behind the part: as likely as it takes to have pieces of the typical length. */
function isLast(part: Uint8Array): boolean {
  if (part.byteLength < LEAST_PART_BYTES) return false;
  const share = zlib.crc32(part.subarray(0, LOOKED_AT_BYTES)) / CHECKSUMS;
  return share < part.byteLength / TYPICAL_BYTES;
}

function compressed(bytes: Uint8Array): CompressedPiece {
  const checksum = zlib.crc32(bytes);
  const { byteLength } = bytes;
  const key = `${byteLength} ${checksum}`;
  const known = kept.get(key);
  if (known !== undefined && Buffer.compare(known.bytes, bytes) === 0) return known;
  // A copy: the piece would keep the whole answer in memory.
  const copy = Uint8Array.from(bytes);
  const made: Kept = { bytes: copy, byteLength, checksum, blocks: compressBlocks(copy, LEVEL) };
  kept.set(key, made);
  made.blocks.catch(() => kept.delete(key, made));
  return made;
}
