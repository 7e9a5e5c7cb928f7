/**
 * Contents that objects of several tenants have in common, kept in memory once: mostly the specifications of equal
 * definitions, which take 95 % of their bytes.
 */

import { crc32 } from 'node:zlib';

/**
 * Smaller contents are rarely common, as those of Pods, and the two weak references of each take memory and time of the
 * garbage collector.
 */
const MIN_BYTES = 16 * 1024;
const SPEC = Buffer.from(',"spec":');
const STATUS = Buffer.from(',"status":{');

/** The distinct contents of one process. Each is kept for as long as an object has it. */
export class SharedContents {
  readonly #known = new Map<string, WeakRef<Uint8Array>>();
  readonly #collected = new FinalizationRegistry<string>((key) => {
    if (this.#known.get(key)?.deref() === undefined) this.#known.delete(key);
  });

  /** Number of distinct contents. */
  get size(): number {
    return this.#known.size;
  }

  /** Undefined: the object has no content that is worth sharing. */
  share(bytes: Uint8Array): SharedBytes | undefined {
    if (bytes.length < MIN_BYTES) return undefined;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const from = text.indexOf(SPEC);
    // Wherever they are found, the parts together are the whole.
    const to = Math.max(from, text.lastIndexOf(STATUS));
    const end = to > from ? to : text.length;
    if (from < 0 || end - from < MIN_BYTES) return undefined;
    return new SharedBytes(text, this.#common(text.subarray(from, end)), from);
  }

  /** The same value for equal contents. */
  #common(content: Buffer): Uint8Array {
    const key = `${crc32(content)} ${content.length}`;
    const known = this.#known.get(key)?.deref();
    if (known !== undefined && Buffer.compare(known, content) === 0) return known;
    const own = Buffer.allocUnsafeSlow(content.length);
    own.set(content);
    this.#known.set(key, new WeakRef(own));
    this.#collected.register(own, key);
    return own;
  }
}

/** Bytes of which a part is shared. They are joined when needed, and kept until garbage is collected. */
export class SharedBytes {
  /** The bytes before and after the common part. */
  readonly #own: Uint8Array;
  readonly #common: Uint8Array;
  /** Position of the common part. */
  readonly #from: number;
  #whole: WeakRef<Uint8Array>;

  /** `common` equals the bytes from `from` on. */
  constructor(bytes: Uint8Array, common: Uint8Array, from: number) {
    this.#own = Buffer.allocUnsafeSlow(bytes.length - common.length);
    this.#own.set(bytes.subarray(0, from));
    this.#own.set(bytes.subarray(from + common.length), from);
    this.#common = common;
    this.#from = from;
    this.#whole = new WeakRef(bytes);
  }

  get length(): number {
    return this.#own.length + this.#common.length;
  }

  whole(): Uint8Array {
    const known = this.#whole.deref();
    if (known !== undefined) return known;
    const bytes = Buffer.allocUnsafeSlow(this.length);
    bytes.set(this.#own.subarray(0, this.#from));
    bytes.set(this.#common, this.#from);
    bytes.set(this.#own.subarray(this.#from), this.#from + this.#common.length);
    this.#whole = new WeakRef(bytes);
    return bytes;
  }
}
