/** Compression of bytes that are put together from pieces, most of which stay: each piece is compressed once. */

import { promisify } from 'node:util';
import zlib from 'node:zlib';

const deflate = promisify(zlib.deflateRaw) as (
  bytes: Uint8Array,
  options: zlib.ZlibOptions,
) => Promise<Uint8Array>;

const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
/** A last block with nothing in it. */
const END = Uint8Array.of(3, 0);
/** As long as the pieces. */
const compressed = new WeakMap<Uint8Array, CompressedPiece>();

/**
 * Blocks that end where a byte ends and refer to nothing before them, so that any others may follow. `level`: zlib's.
 */
export function compressBlocks(piece: Uint8Array, level?: number): Promise<Uint8Array> {
  return deflate(piece, { level, finishFlush: zlib.constants.Z_SYNC_FLUSH });
}

/** A piece of a member, compressed by itself. */
export interface CompressedPiece {
  readonly byteLength: number;
  /** CRC-32 of the piece alone. */
  readonly checksum: number;
  readonly blocks: Promise<Uint8Array>;
}

/** One gzip member of pieces in their order. */
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

/** One gzip member of all pieces in their order. They must not change afterwards. */
export function gzipPieces(pieces: readonly Uint8Array[]): Promise<Uint8Array> {
  return gzipMember(pieces.map(compressedOnce));
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

/** The checksum of what `before` is of, with the piece behind it (zlib's `crc32_combine`). */
function joinedChecksum(before: number, { byteLength, checksum }: CompressedPiece): number {
  // Polynomials over two elements, x^0 in the highest bit: the earlier bytes stand as many places higher.
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
/** That of CRC-32. */
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
