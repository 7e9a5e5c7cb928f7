/** How a log's tail is opened: one opening at a time, from a head that may have been read ahead. */

import type { Clock } from '../../util/clock.ts';
import type { Head } from './heads.ts';

/** How long a head that was read ahead is good for. */
const FORESEEN_MS = 10_000;

/** A head that was read for who will need it soon. */
export interface ForeseenHead {
  readonly head: Promise<Head>;
  /** By this process's clock. */
  readonly askedAt: number;
}

export interface StartOfOpening extends ForeseenHead {
  /** Among the reads of its tail. */
  readonly order: number;
}

export interface TailOpeningOptions {
  readonly clock: Clock;
  readonly readHead: () => Promise<Head>;
  /** One that was read no longer ago, or is being read, if there is any. */
  readonly headAtHand: (maxStalenessMs: number) => ForeseenHead | undefined;
  /** Counts a read of the tail. */
  readonly nextOrder: () => number;
  /** Opens the tail; resolves to the order of the last read that this is made of. */
  readonly open: (start: StartOfOpening) => Promise<number>;
  /** The log's, read before there was this. */
  readonly foreseen: ForeseenHead | undefined;
}

export class TailOpening {
  readonly #options: TailOpeningOptions;
  /** Of the opening that is under way, or of one to come. */
  #start: StartOfOpening | undefined;
  #underWay: Promise<number> | undefined;

  constructor(options: TailOpeningOptions) {
    this.#options = options;
    this.#start = options.foreseen && { ...options.foreseen, order: 0 };
  }

  /**
   * What the opening under way begins with, or one to come, for which it is read if nothing good is at hand: something
   * foreseen, or a head no older than `maxStalenessMs`.
   */
  start(maxStalenessMs: number): StartOfOpening {
    const { clock, readHead, headAtHand, nextOrder } = this.#options;
    const askedAt = clock.now();
    const isGood = this.#underWay !== undefined || askedAt - (this.#start?.askedAt ?? 0) <= FORESEEN_MS;
    if (this.#start !== undefined && isGood) return this.#start;
    const atHand = maxStalenessMs > 0 ? headAtHand(maxStalenessMs) : undefined;
    const start = atHand ? { ...atHand, order: 0 } : { head: readHead(), askedAt, order: nextOrder() };
    start.head.catch(() => {
      if (this.#start === start) this.#start = undefined;
    });
    this.#start = start;
    return start;
  }

  /** Opens the tail, with all who ask meanwhile; resolves as `open` does. */
  run(maxStalenessMs = 0): Promise<number> {
    this.#underWay ??= this.#options.open(this.start(maxStalenessMs)).finally(() => {
      this.#underWay = undefined;
      this.#start = undefined;
    });
    return this.#underWay;
  }
}
