/**
 * An append-only file of records. An append is durable once it resolves; a record that was being written when the
 * process or the machine stopped is dropped when the file is opened again.
 */

import {
  closeSync,
  constants,
  fdatasync,
  fsyncSync,
  ftruncate,
  ftruncateSync,
  openSync,
  readFileSync,
  unlinkSync,
  write,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

interface Waiting {
  readonly frame: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Before each record: its length and its CRC-32, big-endian. */
const HEADER_BYTES = 8;

const writeFile = promisify(write);
const sync = promisify(fdatasync);
const truncate = promisify(ftruncate);

export class Journal {
  readonly #path: string;
  readonly #fd: number;
  /** The records that the file held when it was opened. */
  readonly records: readonly Buffer[];
  /** Bytes at its end that were no complete record. */
  readonly droppedBytes: number;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #size: number;
  #isBroken = false;

  /** Opens or creates the file, readable only by its owner. */
  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    syncFolder(dirname(path));
    const content = readFileSync(path);
    this.records = recordsOf(content);
    this.#size = this.records.reduce((sum, { length }) => sum + HEADER_BYTES + length, 0);
    this.droppedBytes = content.length - this.#size;
    ftruncateSync(this.#fd, this.#size);
  }

  /** Bytes of all records. */
  get size(): number {
    return this.#size;
  }

  /** The file could not be restored after a failure: until `clear` succeeds, appends are rejected. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Concurrent appends are written together, in order. Rejects if the record was not stored. */
  append(record: Uint8Array): Promise<void> {
    const frame = Buffer.allocUnsafe(HEADER_BYTES + record.length);
    frame.writeUInt32BE(record.length, 0);
    frame.writeUInt32BE(crc32(record), 4);
    frame.set(record, HEADER_BYTES);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frame, resolve, reject });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  /** Removes all records, durably. No append may be in flight. */
  async clear(): Promise<void> {
    this.#isBroken = true;
    this.#size = 0;
    await truncate(this.#fd, 0);
    await sync(this.#fd);
    this.#isBroken = false;
  }

  /** Closes the file, and deletes it if it is empty. */
  close(): void {
    closeSync(this.#fd);
    if (this.#size === 0) unlinkSync(this.#path);
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#isBroken) throw new Error('an earlier write failed');
        const bytes = batch.length === 1 ? batch[0]!.frame : Buffer.concat(batch.map(({ frame }) => frame));
        await this.#store(bytes);
        this.#size += bytes.length;
        for (const { resolve } of batch) resolve();
      } catch (error) {
        this.#removeRemains();
        for (const { reject } of batch) reject(error as Error);
      }
    }
    this.#isWriting = false;
  }

  async #store(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await writeFile(this.#fd, bytes, at, bytes.length - at, this.#size + at);
      at += bytesWritten;
    }
    await sync(this.#fd);
  }

  #removeRemains(): void {
    try {
      ftruncateSync(this.#fd, this.#size);
    } catch {
      this.#isBroken = true;
    }
  }
}

/** Makes a new file's name durable. */
function syncFolder(path: string): void {
  const folder = openSync(path, constants.O_RDONLY);
  fsyncSync(folder);
  closeSync(folder);
}

function recordsOf(content: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= content.length; ) {
    const end = at + HEADER_BYTES + content.readUInt32BE(at);
    const record = content.subarray(at + HEADER_BYTES, end);
    if (end > content.length || crc32(record) !== content.readUInt32BE(at + 4)) break;
    records.push(record);
    at = end;
  }
  return records;
}
