/**
 * Who only writes may never read the log: it follows it all the same, now and then, or `resolved` would stay behind,
 * and a newcomer would have to read all that was written.
 */

import type { Protocol } from './protocol.ts';

export class LogFollower {
  readonly #protocol: Pick<Protocol, 'alone' | 'followAfter'>;
  #following: Promise<void> | undefined;
  /** Revisions that this process committed since it last read the log for that alone. */
  #unfollowed = 0;

  constructor(protocol: Pick<Protocol, 'alone' | 'followAfter'>) {
    this.#protocol = protocol;
  }

  /** Counts revisions that this process committed. */
  committed(count: number): void {
    this.#unfollowed += count;
  }

  /** Reads the log for nobody who waits, if it is time, and one such read isn't running. */
  follow(read: () => Promise<void>): void {
    const { alone, followAfter } = this.#protocol;
    if (!alone && this.#unfollowed < followAfter) return;
    this.#following ??= read()
      .catch(() => {})
      .finally(() => {
        this.#unfollowed = 0;
        this.#following = undefined;
      });
  }
}
