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
  heard: number;
}

export class RecentReads<T> {
  readonly #now: () => number;
  readonly #heard: () => number;
  readonly #reads = new BoundedCache<string, RecentRead<T>>({ max: MAX_READS });

  /**
   * `now`: milliseconds, by a clock that continues while the process is frozen.
   * `heard`: the newest revision of the resource that this process has heard of.
   */
  constructor(now: () => number, heard: () => number) {
    this.#now = now;
    this.#heard = heard;
  }

  /** The state that a recent read found or will find; undefined if it is too old or anything was written since. */
  read(key: string, maxAgeMs: number): Promise<StoredState<T> | undefined> | undefined {
    const read = this.#reads.get(key);
    if (read === undefined || this.#now() - read.requestedAt > maxAgeMs) return undefined;
    return read.heard === this.#heard() ? read.state : undefined;
  }

  /** Caches a read in flight, and returns it. */
  add(key: string, state: Promise<StoredState<T> | undefined>): Promise<StoredState<T> | undefined> {
    const read: RecentRead<T> = { requestedAt: this.#now(), state, heard: this.#heard() };
    this.#reads.set(key, read);
    state.then(
      (found) => {
        const heard = this.#heard();
        // A revision heard of meanwhile may be a newer one of this object.
        const isNewest = heard <= Math.max(read.heard, found?.resourceVersion ?? 0);
        if (isNewest && found?.corrupt === undefined && (found?.bytes.length ?? 0) <= MAX_BYTES) {
          read.heard = heard;
        } else {
          this.#reads.delete(key, read);
        }
      },
      () => this.#reads.delete(key, read),
    );
    return state;
  }
}
