/** Opens a log's tail: one opening at a time, from a head that may have been prefetched. */

import type { Clock } from '../../util/clock.ts';
import type { Head } from './heads.ts';

/** Time for which a prefetched head is valid. */
const PREFETCH_TTL_MS = 10_000;

/** A prefetched head. */
export interface PrefetchedHead {
  readonly head: Promise<Head>;
  /** By this process's clock. */
  readonly requestedAt: number;
}

export interface StartOfOpening extends PrefetchedHead {
  /** Order among the reads of its tail. */
  readonly order: number;
}

export interface TailOpeningOptions {
  readonly clock: Clock;
  readonly readHead: () => Promise<Head>;
  /** A head that was read at most that long ago, or is being read, if there is one. */
  readonly cachedHead: (maxStalenessMs: number) => PrefetchedHead | undefined;
  /** Returns the next number in the order of reads. */
  readonly nextOrder: () => number;
  /** Opens the tail; resolves to the order of the last read involved. */
  readonly open: (start: StartOfOpening) => Promise<number>;
  /** The log's head, prefetched before the tail was created. */
  readonly prefetched: PrefetchedHead | undefined;
}

export class TailOpening {
  readonly #options: TailOpeningOptions;
  /** The start of the opening in flight, or of a future one. */
  #start: StartOfOpening | undefined;
  #inFlight: Promise<number> | undefined;

  constructor(options: TailOpeningOptions) {
    this.#options = options;
    this.#start = options.prefetched && { ...options.prefetched, order: 0 };
  }

  /**
   * The head for the opening in flight, or for a future one. For the latter, uses a prefetched head or one no older
   * than `maxStalenessMs`; otherwise reads it.
   */
  start(maxStalenessMs: number): StartOfOpening {
    const { clock, readHead, cachedHead, nextOrder } = this.#options;
    const requestedAt = clock.now();
    const isValid =
      this.#inFlight !== undefined || requestedAt - (this.#start?.requestedAt ?? 0) <= PREFETCH_TTL_MS;
    if (this.#start !== undefined && isValid) return this.#start;
    const cached = maxStalenessMs > 0 ? cachedHead(maxStalenessMs) : undefined;
    const start = cached ? { ...cached, order: 0 } : { head: readHead(), requestedAt, order: nextOrder() };
    start.head.catch(() => {
      if (this.#start === start) this.#start = undefined;
    });
    this.#start = start;
    return start;
  }

  /** Whether no opening is in flight, nor prefetched. */
  get isUnused(): boolean {
    return this.#inFlight === undefined && this.#start === undefined;
  }

  /** Opens the tail, shared by concurrent callers; resolves as `open` does. */
  run(maxStalenessMs = 0): Promise<number> {
    this.#inFlight ??= this.#options.open(this.start(maxStalenessMs)).finally(() => {
      this.#inFlight = undefined;
      this.#start = undefined;
    });
    return this.#inFlight;
  }
}
