/**
 * Reads a bbolt file, page by page (https://github.com/etcd-io/bbolt/tree/main/internal/common): etcd's database, and
 * the format of its snapshots. Read-only.
 */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const MAGIC = 0xed0cdaed;
const VERSION = 2;
const PAGE_HEADER = 16;
const FLAG = { branch: 0x01, leaf: 0x02, meta: 0x04 } as const;
const ELEMENT = 16;
const BUCKET_LEAF = 0x01;
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

class BboltError extends Error {
  override readonly name = 'BboltError';
}

interface Meta {
  readonly pageSize: number;
  readonly root: number;
  readonly transaction: bigint;
}

export class BboltFile {
  readonly #fd: number;
  readonly #size: number;
  readonly #meta: Meta;

  /** Throws BboltError for other files, and for a damaged header. */
  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.#size = fstatSync(this.#fd).size;
    try {
      this.#meta = this.#newestMeta();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Keys and values of a root bucket, in key order. Throws BboltError for data that can't be read. */
  *entries(bucket: string): Generator<readonly [key: Buffer, value: Buffer]> {
    for (const { flags, key, value } of this.#walk(this.#meta.root)) {
      if (key.toString() !== bucket || (flags & BUCKET_LEAF) === 0) continue;
      const root = Number(value.readBigUInt64LE(0));
      // A small bucket is inlined in its parent's leaf, after its header.
      const leaves = root === 0 ? this.#leaf(value.subarray(16)) : this.#walk(root);
      for (const leaf of leaves) yield [leaf.key, leaf.value];
      return;
    }
    throw new BboltError(`there is no bucket ${JSON.stringify(bucket)} in the file`);
  }

  /** The intact meta page with the later transaction. The position of the second one depends on the page size. */
  #newestMeta(): Meta {
    const first = this.#meta0(0);
    const sizes = first === undefined ? [4_096, 8_192, 16_384, 32_768, 65_536] : [first.pageSize];
    const metas = [first, ...sizes.map((size) => this.#meta0(size))].filter((meta) => meta !== undefined);
    if (metas.length === 0) throw new BboltError('not a bbolt file, or its header is damaged');
    return metas.reduce((a, b) => (b.transaction > a.transaction ? b : a));
  }

  #meta0(offset: number): Meta | undefined {
    if (offset + PAGE_HEADER + 64 > this.#size) return undefined;
    const page = this.#read(offset, PAGE_HEADER + 64);
    const meta = page.subarray(PAGE_HEADER);
    if (meta.readUInt32LE(0) !== MAGIC || meta.readUInt32LE(4) !== VERSION) return undefined;
    if (fnv64a(meta.subarray(0, 56)) !== meta.readBigUInt64LE(56)) return undefined;
    return {
      pageSize: meta.readUInt32LE(8),
      root: Number(meta.readBigUInt64LE(16)),
      transaction: meta.readBigUInt64LE(48),
    };
  }

  *#walk(id: number, depth = 0): Generator<Leaf> {
    if (depth > 64) throw new BboltError('the file is damaged: its pages form a cycle');
    const page = this.#page(id);
    const flags = page.readUInt16LE(8);
    if (flags & FLAG.leaf) {
      yield* this.#leaf(page);
    } else if (flags & FLAG.branch) {
      const count = page.readUInt16LE(10);
      for (let i = 0; i < count; i++) {
        yield* this.#walk(Number(page.readBigUInt64LE(PAGE_HEADER + i * ELEMENT + 8)), depth + 1);
      }
    } else throw new BboltError(`the file is damaged: page ${id} is neither branch nor leaf`);
  }

  *#leaf(page: Buffer): Generator<Leaf> {
    const count = page.readUInt16LE(10);
    for (let i = 0; i < count; i++) {
      const at = PAGE_HEADER + i * ELEMENT;
      const start = at + page.readUInt32LE(at + 4);
      const keySize = page.readUInt32LE(at + 8);
      const end = start + keySize + page.readUInt32LE(at + 12);
      if (end > page.length) throw new BboltError('the file is damaged: an entry ends beyond its page');
      yield {
        flags: page.readUInt32LE(at),
        key: page.subarray(start, start + keySize),
        value: page.subarray(start + keySize, end),
      };
    }
  }

  #page(id: number): Buffer {
    const { pageSize } = this.#meta;
    const head = this.#read(id * pageSize, PAGE_HEADER);
    return this.#read(id * pageSize, (1 + head.readUInt32LE(12)) * pageSize);
  }

  #read(offset: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    if (offset + length > this.#size || readSync(this.#fd, buffer, 0, length, offset) !== length) {
      throw new BboltError('the file is cut off');
    }
    return buffer;
  }
}

interface Leaf {
  readonly flags: number;
  readonly key: Buffer;
  readonly value: Buffer;
}

function fnv64a(bytes: Uint8Array): bigint {
  let hash = FNV_OFFSET;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash;
}
