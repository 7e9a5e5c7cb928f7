/**
 * Makes processes that only write read the log now and then. Otherwise `resolved` would stay behind, and a new process
 * would have to read everything that was written.
 */

import type { Protocol } from './protocol.ts';

export class LogFollower {
  readonly #protocol: Pick<Protocol, 'alone' | 'followAfter'>;
  #following: Promise<void> | undefined;
  /** Revisions that this process committed since it last read the log for this purpose. */
  #unfollowed = 0;

  constructor(protocol: Pick<Protocol, 'alone' | 'followAfter'>) {
    this.#protocol = protocol;
  }

  /** Counts revisions that this process committed. */
  committed(count: number): void {
    this.#unfollowed += count;
  }

  /** Reads the log in the background, if it is time and no such read is in flight. */
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
