/** Frames of a journal: see journal.ts for their format. */

import { crc32 } from 'node:zlib';

const HEADER_BYTES = 12;
const LENGTH_BYTES = 4;
/** A disk writes a sector completely or not at all. */
const SECTOR_BYTES = 512;

export interface Frame {
  readonly records: readonly Buffer[];
  /** Offset after its last byte. */
  readonly end: number;
}

/** The frame of these records. */
export function frameOf(records: readonly Uint8Array[]): Buffer {
  const bytes = records.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  let at = HEADER_BYTES;
  for (const record of records) {
    at = frame.writeUInt32BE(record.length, at);
    frame.set(record, at);
    at += record.length;
  }
  frame.writeUInt32BE(bytes, 0);
  frame.writeUInt32BE(crc32(frame.subarray(HEADER_BYTES)), 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  return frame;
}

/** The frame at an offset; undefined if there is none, or not an undamaged one. */
export function frameAt(content: Buffer, at: number): Frame | undefined {
  const end = endOf(content, at);
  if (end === undefined || end > content.length) return undefined;
  if (crc32(content.subarray(at + HEADER_BYTES, end)) !== content.readUInt32BE(at + 4)) return undefined;
  const records: Buffer[] = [];
  for (let from = at + HEADER_BYTES; from < end; ) {
    const start = from + LENGTH_BYTES;
    from = start + content.readUInt32BE(from);
    records.push(content.subarray(start, from));
  }
  return { records, end };
}

/**
 * Whether the bytes from `at` on, which are no frame, remain of a write that was interrupted: the file ends before the
 * frame does, or sectors of it are missing, which read as zeros. A frame after it shows that the write had completed.
 */
export function isInterrupted(content: Buffer, at: number): boolean {
  const rest = content.length - at;
  const end = endOf(content, at);
  const isCut = rest < HEADER_BYTES || (end !== undefined && end > content.length);
  if (!isCut && !lacksSector(content, at)) return false;
  for (let later = at + 1; later + HEADER_BYTES <= content.length; later++) {
    if (frameAt(content, later) !== undefined) return false;
  }
  return true;
}

/** The end of the frame at an offset, by its header; undefined if that is damaged. */
function endOf(content: Buffer, at: number): number | undefined {
  if (at + HEADER_BYTES > content.length) return undefined;
  const isIntact = crc32(content.subarray(at, at + 8)) === content.readUInt32BE(at + 8);
  return isIntact ? at + HEADER_BYTES + content.readUInt32BE(at) : undefined;
}

function lacksSector(content: Buffer, from: number): boolean {
  for (let at = from; at < content.length; ) {
    const end = Math.min(at - (at % SECTOR_BYTES) + SECTOR_BYTES, content.length);
    // A few zeros at the edge of a sector may be part of a length.
    if (end - at >= HEADER_BYTES && content.subarray(at, end).every((byte) => byte === 0)) return true;
    at = end;
  }
  return false;
}
