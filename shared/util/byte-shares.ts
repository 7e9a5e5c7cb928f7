import { getHeapStatistics } from 'node:v8';

/** Heap that decoded objects take, as a multiple of their encoded size: short keys and empty values take the most. */
export const HEAP_PER_BYTE = 24;

export interface ByteBounds {
  readonly least: number;
  readonly most: number;
  /** Share of this process's heap limit. */
  readonly heapShare: number;
}

/**
 * Bytes held for several owners. An owner gets at most half of the room, unless it is the only one, which always gets
 * some.
 */
export class ByteShares<K> {
  readonly #max: number;
  readonly #own = new Map<K, number>();
  #bytes = 0;

  /** `max`: of all together; default: by `bounds` for this process. */
  constructor(max: number | undefined, { least, most, heapShare }: ByteBounds) {
    const byMemory = getHeapStatistics().heap_size_limit * heapShare;
    this.#max = max ?? Math.min(Math.max(byMemory, least), most);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes that an owner may hold beside others. */
  get share(): number {
    return this.#max / 2;
  }

  fits(bytes: number, owner: K): boolean {
    return !this.isAboveShare(bytes, owner) && (this.#bytes === 0 || this.hasRoom(bytes));
  }

  /** Whether `bytes` fit, regardless of shares. */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.#max;
  }

  isAboveShare(bytes: number, owner: K): boolean {
    const own = this.#own.get(owner) ?? 0;
    return own > 0 && own + bytes > this.share;
  }

  /** Negative: releases. */
  add(bytes: number, owner: K): void {
    this.#bytes += bytes;
    const own = (this.#own.get(owner) ?? 0) + bytes;
    if (own > 0) this.#own.set(owner, own);
    else this.#own.delete(owner);
  }
}
