/** Single objects that were read a moment ago, for who is content with that. */

import { BoundedCache } from '../../util/bounded-cache.ts';
import type { StoredState } from '../stored-state.ts';

/** As many as requests of one process are likely to have in common. */
const MAX_READS = 8;
/** Bytes of an object that is kept. */
const MAX_BYTES = 64 * 1024;

interface RecentRead<T> {
  /** Milliseconds of `now`. */
  readonly askedAt: number;
  readonly state: Promise<StoredState<T> | undefined>;
  /** The newest revision of the resource that was heard of by then, or by the end of the read. */
  heard: number;
}

export class RecentReads<T> {
  readonly #now: () => number;
  readonly #heard: () => number;
  readonly #reads = new BoundedCache<string, RecentRead<T>>({ max: MAX_READS });

  /** `now`: milliseconds, by a clock that goes on while the process is frozen. `heard`: the newest revision of the resource that this process has heard of. */
  constructor(now: () => number, heard: () => number) {
    this.#now = now;
    this.#heard = heard;
  }

  /** The state that such a read found, or finds, unless it is older or anything was written since. */
  read(key: string, maxAgeMs: number): Promise<StoredState<T> | undefined> | undefined {
    const read = this.#reads.get(key);
    if (read === undefined || this.#now() - read.askedAt > maxAgeMs) return undefined;
    return read.heard === this.#heard() ? read.state : undefined;
  }

  /** Keeps what is being read now. Returns it. */
  add(key: string, state: Promise<StoredState<T> | undefined>): Promise<StoredState<T> | undefined> {
    const read: RecentRead<T> = { askedAt: this.#now(), state, heard: this.#heard() };
    this.#reads.set(key, read);
    state.then(
      (found) => {
        const heard = this.#heard();
        // What was heard of meanwhile may be of this object, and newer.
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
