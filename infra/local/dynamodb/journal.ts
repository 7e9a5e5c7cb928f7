/**
 * An append-only file of records. An append is durable once it resolves. Opening the file drops an append that was
 * interrupted by the end of the process or the machine, and detects any other damage.
 *
 * Appends that are written together form one frame: the length of its payload, the payload's CRC-32, and the CRC-32 of
 * these eight bytes, each as 4 bytes, big-endian; then the payload, in which each record follows its length. A frame is
 * only written once the one before it is durable, so only the last frame can be incomplete.
 */

import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncate,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { frameAt, frameOf, isInterrupted } from './journal-frames.ts';

interface Waiting {
  readonly record: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface JournalOptions {
  /** Called when the file was removed or replaced by another program, and has been written again. */
  readonly onRestored?: () => void;
}

/** On Linux, writes return when they are durable: one call into another thread instead of two. */
const IS_SYNCHRONOUS = process.platform === 'linux';
const OPEN = constants.O_RDWR | constants.O_CREAT | (IS_SYNCHRONOUS ? constants.O_DSYNC : 0);

const writeFile = promisify(write);
const sync = promisify(fdatasync);
const truncate = promisify(ftruncate);

export class Journal {
  readonly path: string;
  readonly #options: JournalOptions;
  #fd: number;
  #inode: number;
  /** The records that the file held when it was opened, up to its damage. */
  readonly records: readonly Buffer[];
  /** Bytes of an interrupted append at its end. */
  readonly droppedBytes: number;
  /** Position of damaged records, which must not be changed. Unset: there are none. */
  readonly damagedAt: number | undefined;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #size: number;
  #isBroken = false;

  /** Opens or creates the file, readable only by its owner. */
  constructor(path: string, options: JournalOptions = {}) {
    this.path = path;
    this.#options = options;
    this.#fd = openSync(path, OPEN, 0o600);
    this.#inode = fstatSync(this.#fd).ino;
    syncFolder(dirname(path));
    const content = readFileSync(path);
    const { records, size } = readFrames(content);
    this.records = records;
    this.#size = size;
    const isDamaged = size < content.length && !isInterrupted(content, size);
    this.damagedAt = isDamaged ? size : undefined;
    this.droppedBytes = isDamaged ? 0 : content.length - size;
    if (this.droppedBytes > 0) ftruncateSync(this.#fd, size);
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
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
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
    const { size, nlink } = fstatSync(this.#fd);
    closeSync(this.#fd);
    if (size === 0 && nlink > 0) unlinkSync(this.path);
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#isBroken) throw new Error('an earlier write failed');
        if (!this.#isInPlace()) this.#restore();
        const bytes = frameOf(batch.map(({ record }) => record));
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
    if (!IS_SYNCHRONOUS) await sync(this.#fd);
  }

  #isInPlace(): boolean {
    return statSync(this.path, { throwIfNoEntry: false })?.ino === this.#inode;
  }

  /** Writes the file anew under its path, with the records of the open one. */
  #restore(): void {
    const records = Buffer.alloc(this.#size);
    readSync(this.#fd, records, 0, this.#size, 0);
    rmSync(this.path, { force: true });
    const fd = openSync(this.path, OPEN | constants.O_EXCL, 0o600);
    try {
      writeSync(fd, records, 0, records.length, 0);
      fsyncSync(fd);
      syncFolder(dirname(this.path));
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(this.#fd);
    this.#fd = fd;
    this.#inode = fstatSync(fd).ino;
    this.#options.onRestored?.();
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

function readFrames(content: Buffer): { readonly records: Buffer[]; readonly size: number } {
  const records: Buffer[] = [];
  let size = 0;
  for (let frame = frameAt(content, 0); frame !== undefined; frame = frameAt(content, size)) {
    for (const record of frame.records) records.push(record);
    size = frame.end;
  }
  return { records, size };
}
