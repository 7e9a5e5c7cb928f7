/**
 * Revisions that were taken but have no entry: whether their writers may still write them, and how to fill the others.
 */

import type { Head } from './heads.ts';
import type { ResourceContext } from './layout.ts';
import type { Change, RevisionLog } from './revision-log.ts';

/**
 * A writer needs two calls, one of them a transaction, and may have to retry: this many times the duration of a read.
 */
const WAIT_READS = 8;
const MAX_WAIT_MS = 1_000;

export interface HolesOptions<T> {
  readonly context: ResourceContext<T>;
  readonly log: RevisionLog<T>;
  /** Whether this process itself is about to write a revision. */
  readonly isInFlight: (revision: number) => boolean;
}

export class Holes<T> {
  readonly #options: HolesOptions<T>;
  /** Moving average of the duration of reads. */
  #readMs = 0;

  constructor(options: HolesOptions<T>) {
    this.#options = options;
  }

  /** Records the duration of a read: where reads are slow, writes are slow too. */
  timed(readMs: number): void {
    this.#readMs += (readMs - this.#readMs) * 0.2;
  }

  /** Milliseconds to wait for any hole. */
  get waitMs(): number {
    const { holeWaitMs } = this.#options.context.protocol;
    return Math.max(holeWaitMs, Math.min(this.#readMs * WAIT_READS, MAX_WAIT_MS));
  }

  /** Milliseconds to wait for this hole. */
  waitMsFor(hole: number, head: Head): number {
    if (this.#options.isInFlight(hole)) return this.#options.context.protocol.ownHoleWaitMs;
    return Math.max(this.waitMs, hole <= head.graceTo ? head.grace : 0);
  }

  /**
   * Fills a hole unless its writer is faster; returns the resulting entry. `bound`: lower bound of the moment the
   * revision was taken, according to the log. A revision that is not provably young may have had an entry that expired:
   * it becomes a break.
   */
  async fill(hole: number, head: Head, bound: number): Promise<Change<T>> {
    const { context, log } = this.#options;
    const proven = Math.max(
      bound,
      hole > head.resolved ? head.resolvedAt : 0,
      hole > head.from ? head.at : 0,
    );
    const young = proven > context.clock.now() - context.protocol.youngMs;
    return await log.fill(hole, young ? 'noop' : 'break', proven);
  }
}
