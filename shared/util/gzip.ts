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
const compressed = new WeakMap<Uint8Array, Promise<Uint8Array>>();

/** Blocks that end where a byte ends and refer to nothing before them, so that any others may follow. */
function compressPiece(piece: Uint8Array): Promise<Uint8Array> {
  let blocks = compressed.get(piece);
  if (blocks === undefined) {
    blocks = deflate(piece, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
    compressed.set(piece, blocks);
  }
  return blocks;
}

/** One gzip member of all pieces in their order. They must not change afterwards. */
export async function gzipPieces(all: readonly Uint8Array[]): Promise<Uint8Array> {
  // The checksum of nothing is that of a beginning, whatever came before.
  const pieces = all.filter(({ byteLength }) => byteLength > 0);
  const blocks = await Promise.all(pieces.map(compressPiece));
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(
    0,
    pieces.reduce((crc, piece) => zlib.crc32(piece, crc), 0),
    true,
  );
  trailer.setUint32(
    4,
    pieces.reduce((length, piece) => length + piece.byteLength, 0),
    true,
  );
  return Buffer.concat([HEADER, ...blocks, END, new Uint8Array(trailer.buffer)]);
}
