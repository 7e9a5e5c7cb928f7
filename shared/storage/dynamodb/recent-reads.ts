/** Cache of single objects read a moment ago, for callers that tolerate some staleness. */

import { BoundedCache } from '../../util/bounded-cache.ts';
import type { StoredState } from '../stored-state.ts';

/** About the number of objects that one process's requests are likely to share. */
const MAX_READS = 8;
/** Maximum size of a cached object, in bytes. */
const MAX_BYTES = 64 * 1024;

interface RecentRead<T> {
  /** Milliseconds of `now`. */
  readonly requestedAt: number;
  readonly state: Promise<StoredState<T> | undefined>;
  /** The newest known revision of the resource at the start of the read, or at its end. */
  newestKnown: number;
}

export class RecentReads<T> {
  readonly #now: () => number;
  readonly #newestKnown: () => number;
  readonly #reads = new BoundedCache<string, RecentRead<T>>({ max: MAX_READS });

  /**
   * `now`: milliseconds, by a clock that continues while the process is frozen.
   * `newestKnown`: the newest revision of the resource that this process knows of.
   */
  constructor(now: () => number, newestKnown: () => number) {
    this.#now = now;
    this.#newestKnown = newestKnown;
  }

  /** The state that a recent read found or will find; undefined if it is too old or anything was written since. */
  read(key: string, maxAgeMs: number): Promise<StoredState<T> | undefined> | undefined {
    const read = this.#reads.get(key);
    if (read === undefined || this.#now() - read.requestedAt > maxAgeMs) return undefined;
    return read.newestKnown === this.#newestKnown() ? read.state : undefined;
  }

  /** Caches a read in flight, and returns it. */
  add(key: string, state: Promise<StoredState<T> | undefined>): Promise<StoredState<T> | undefined> {
    const read: RecentRead<T> = { requestedAt: this.#now(), state, newestKnown: this.#newestKnown() };
    this.#reads.set(key, read);
    state.then(
      (found) => {
        const newestKnown = this.#newestKnown();
        // A revision learned of meanwhile may be a newer one of this object.
        const isNewest = newestKnown <= Math.max(read.newestKnown, found?.resourceVersion ?? 0);
        if (isNewest && found?.corrupt === undefined && (found?.size ?? 0) <= MAX_BYTES) {
          read.newestKnown = newestKnown;
        } else {
          this.#reads.delete(key, read);
        }
      },
      () => this.#reads.delete(key, read),
    );
    return state;
  }
}
