/** Revisions that were taken and have no entry: who is still about to write them, and what becomes of the rest. */

import type { Head } from './heads.ts';
import type { ResourceContext } from './layout.ts';
import type { Change, RevisionLog } from './revision-log.ts';

/** A writer needs two calls, one of them a transaction, and may have to try again: so many times a read's time. */
const PATIENCE_READS = 8;
const MAX_PATIENCE_MS = 1_000;

export interface HolesOptions<T> {
  readonly context: ResourceContext<T>;
  readonly log: RevisionLog<T>;
  /** Whether this process itself is about to write a revision. */
  readonly isInFlight: (revision: number) => boolean;
}

export class Holes<T> {
  readonly #options: HolesOptions<T>;
  /** What a read takes, of late. */
  #readMs = 0;

  constructor(options: HolesOptions<T>) {
    this.#options = options;
  }

  /** Takes note of what a read took: where reads are slow, so are writers. */
  timed(readMs: number): void {
    this.#readMs += (readMs - this.#readMs) * 0.2;
  }

  /** How long any hole is waited for. */
  get patience(): number {
    const { holePatienceMs } = this.#options.context.protocol;
    return Math.max(holePatienceMs, Math.min(this.#readMs * PATIENCE_READS, MAX_PATIENCE_MS));
  }

  /** How long this one is. */
  patienceFor(hole: number, head: Head): number {
    if (this.#options.isInFlight(hole)) return this.#options.context.protocol.ownPatienceMs;
    return Math.max(this.patience, hole <= head.graceTo ? head.grace : 0);
  }

  /**
   * Fills a hole, unless its writer is faster; returns what stands there then. `bound`: no later than the moment the
   * hole's revision was taken, as far as the log itself tells. A revision that can't be shown to be young may have
   * been an entry that expired: it becomes a break.
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
