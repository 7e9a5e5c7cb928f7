/** Bounds the memory of a process's replicas: the least recently used resource is evicted first. */

export interface Evictable {
  /** Bytes held now. */
  readonly bytes: number;
  evict(): void;
}

export class MemoryBudget {
  readonly limit: number;
  /** Bytes as of the last use, least recently used first. */
  readonly #holders = new Map<Evictable, number>();
  #total = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Bytes of all holders, each as of its last use. */
  get total(): number {
    return this.#total;
  }

  /**
   * Records that `holder` was used or has grown; evicts others, and in the end `holder` itself, while the limit is
   * exceeded.
   */
  touch(holder: Evictable): void {
    this.forget(holder);
    this.#holders.set(holder, holder.bytes);
    this.#total += holder.bytes;
    for (const candidate of this.#holders.keys()) {
      if (this.#total <= this.limit) return;
      this.forget(candidate);
      candidate.evict();
    }
  }

  forget(holder: Evictable): void {
    this.#total -= this.#holders.get(holder) ?? 0;
    this.#holders.delete(holder);
  }
}
