/** Compression of bytes assembled from pieces, most of which recur: each piece is compressed once. */

import { promisify } from 'node:util';
import zlib from 'node:zlib';

const deflate = promisify(zlib.deflateRaw) as (
  bytes: Uint8Array,
  options: zlib.ZlibOptions,
) => Promise<Uint8Array>;

const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
/** An empty final block. */
const END = Uint8Array.of(3, 0);
/** Kept as long as the pieces are in memory. */
const compressed = new WeakMap<Uint8Array, CompressedPiece>();

/**
 * Compresses into blocks that end on a byte boundary and refer to nothing before them, so that any others may follow.
 * `level`: zlib's.
 */
export function compressBlocks(piece: Uint8Array, level?: number): Promise<Uint8Array> {
  return deflate(piece, { level, finishFlush: zlib.constants.Z_SYNC_FLUSH });
}

/** An independently compressed piece of a gzip member. */
export interface CompressedPiece {
  readonly byteLength: number;
  /** CRC-32 of this piece alone. */
  readonly checksum: number;
  readonly blocks: Promise<Uint8Array>;
}

/** Joins the pieces, in order, into one gzip member. */
export async function gzipMember(pieces: readonly CompressedPiece[]): Promise<Uint8Array> {
  const blocks = await Promise.all(pieces.map((piece) => piece.blocks));
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, pieces.reduce(joinedChecksum, 0), true);
  trailer.setUint32(
    4,
    pieces.reduce((sum, { byteLength }) => sum + byteLength, 0),
    true,
  );
  return Buffer.concat([HEADER, ...blocks, END, new Uint8Array(trailer.buffer)]);
}

/** Concurrency: zlib allocates a quarter of a megabyte per piece, and there may be thousands. */
const AT_ONCE = 8;

/** Compresses all pieces, in order, into one gzip member. They must not change afterwards. */
export async function gzipPieces(pieces: readonly Uint8Array[]): Promise<Uint8Array> {
  const begun: CompressedPiece[] = [];
  for (const piece of pieces) {
    await begun.at(-AT_ONCE)?.blocks;
    begun.push(compressedOnce(piece));
  }
  return gzipMember(begun);
}

function compressedOnce(bytes: Uint8Array): CompressedPiece {
  let piece = compressed.get(bytes);
  if (piece === undefined) {
    const { byteLength } = bytes;
    piece = { byteLength, checksum: zlib.crc32(bytes), blocks: compressBlocks(bytes) };
    compressed.set(bytes, piece);
  }
  return piece;
}

/** The CRC-32 of the bytes behind `before` followed by the piece (zlib's `crc32_combine`). */
function joinedChecksum(before: number, { byteLength, checksum }: CompressedPiece): number {
  // Polynomials over GF(2), x^0 in the highest bit: the earlier bytes are shifted by the length of the later ones.
  let power = ONE;
  let square = X_TO_THE_8TH;
  for (let left = byteLength; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = multiplied(square, power);
    square = multiplied(square, square);
  }
  return (multiplied(power, before) ^ checksum) >>> 0;
}

const ONE = 0x80000000;
const X_TO_THE_8TH = ONE >>> 8;
/** The CRC-32 polynomial. */
const MODULUS = 0xedb88320;

function multiplied(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= shifted;
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ MODULUS;
  }
  return product >>> 0;
}
