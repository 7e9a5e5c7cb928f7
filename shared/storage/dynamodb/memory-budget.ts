/** How many bytes the replicas of one process may hold together: the least recently used resource goes first. */

export interface Evictable {
  /** Bytes held now. */
  readonly bytes: number;
  evict(): void;
}

export class MemoryBudget {
  readonly limit: number;
  /** Least recently used first. */
  readonly #holders = new Set<Evictable>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Tells that `holder` was used, or grew; evicts others, or in the end itself, where the limit is passed. */
  touch(holder: Evictable): void {
    this.#holders.delete(holder);
    this.#holders.add(holder);
    let total = 0;
    for (const { bytes } of this.#holders) total += bytes;
    for (const candidate of this.#holders) {
      if (total <= this.limit) return;
      total -= candidate.bytes;
      this.#holders.delete(candidate);
      candidate.evict();
    }
  }

  forget(holder: Evictable): void {
    this.#holders.delete(holder);
  }
}
