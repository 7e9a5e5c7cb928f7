/** What was read of a resource, kept for as long as its head tells that nobody wrote to it since. */

import { BoundedCache } from '../../util/bounded-cache.ts';
import type { Heads } from './heads.ts';

/** As many as requests of one process are likely to have in common. */
const MAX_READS = 64;

interface Kept<V> {
  readonly value: V;
  /** The head's `next` when this was read. */
  readonly next: number;
}

export interface UnderHeadOptions<V> {
  readonly heads: Heads;
  readonly resourcePrefix: string;
  /** The newest revision of the resource that this process has heard of. */
  readonly heard: () => number;
  /** Whether it is small, and whole. */
  readonly isWorthKeeping: (value: V) => boolean;
}

export class UnderHead<V> {
  readonly #options: UnderHeadOptions<V>;
  readonly #kept = new BoundedCache<string, Kept<V>>({ max: MAX_READS });

  constructor(options: UnderHeadOptions<V>) {
    this.#options = options;
  }

  /** What a read found that is still so, or was `maxStalenessMs` ago. Rejects with StorageError. */
  async find(key: string, maxStalenessMs: number): Promise<{ readonly value: V } | undefined> {
    const { heads, resourcePrefix, heard } = this.#options;
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const seen = await heads.within(resourcePrefix, maxStalenessMs);
    if (seen?.head.next === kept.next && heard() <= kept.next) return kept;
    this.#kept.delete(key, kept);
    return undefined;
  }

  /** Reads, by reads of the store that begin now, and keeps what is found. Rejects as `read` does. */
  async keep(key: string, read: () => Promise<V>): Promise<V> {
    const { heads, resourcePrefix, heard, isWorthKeeping } = this.#options;
    // By a head that was read before: what was decided by then is in what is read now, and what comes later moves the head.
    const before = heads.lastSeen(resourcePrefix);
    const value = await read();
    if (
      before !== undefined &&
      heads.isSettled(before) &&
      heard() <= before.head.next &&
      isWorthKeeping(value)
    )
      this.#kept.set(key, { value, next: before.head.next });
    return value;
  }
}
