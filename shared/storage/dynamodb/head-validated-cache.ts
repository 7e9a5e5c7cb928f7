/** Cache of reads of a resource, valid for as long as its head shows that nothing was written since. */

import { BoundedCache } from '../../util/bounded-cache.ts';
import type { Heads } from './heads.ts';

/** About the number of reads that one process's requests are likely to share. */
const MAX_READS = 64;

interface Kept<V> {
  readonly value: V;
  /** The head's `next` when this was read. */
  readonly next: number;
}

export interface HeadValidatedCacheOptions<V> {
  readonly heads: Heads;
  readonly resourcePrefix: string;
  /** The newest revision of the resource that this process has newestKnown of. */
  readonly newestKnown: () => number;
  /** Whether the value is small and complete. */
  readonly isCacheable: (value: V) => boolean;
}

export class HeadValidatedCache<V> {
  readonly #options: HeadValidatedCacheOptions<V>;
  readonly #kept = new BoundedCache<string, Kept<V>>({ max: MAX_READS });

  constructor(options: HeadValidatedCacheOptions<V>) {
    this.#options = options;
  }

  /** The cached result of a read, if it is still valid, or was `maxStalenessMs` ago. Rejects with StorageError. */
  async find(key: string, maxStalenessMs: number): Promise<{ readonly value: V } | undefined> {
    const { heads, resourcePrefix, newestKnown } = this.#options;
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const seen = await heads.within(resourcePrefix, maxStalenessMs);
    if (seen?.head.next === kept.next && newestKnown() <= kept.next) return kept;
    this.#kept.delete(key, kept);
    return undefined;
  }

  /** Reads, with reads of the store that start now, and caches the result. Rejects as `read` does. */
  async keep(key: string, read: () => Promise<V>): Promise<V> {
    const { heads, resourcePrefix, newestKnown, isCacheable } = this.#options;
    // Uses a head that was read earlier: everything decided by then is included in the read, and later writes move the
    // head.
    const before = heads.lastSeen(resourcePrefix);
    const value = await read();
    if (
      before !== undefined &&
      heads.isSettled(before) &&
      newestKnown() <= before.head.next &&
      isCacheable(value)
    )
      this.#kept.set(key, { value, next: before.head.next });
    return value;
  }
}
