/**
 * Whether a host that is woken by writes, and now and then by a clock, must look at everything when the clock wakes it.
 * A look finds what writes left undone: records that were lost, what time alone brings about, what has expired. Where
 * nothing was written since the last one, and nothing is due, there is nothing to find.
 */

import type { PairIndex, StorageFactory } from '../storage/storage.ts';

/** The name of the pairs that hold what is known, and the keys among them. */
const LOOKS = 'looks';
const HOURS = 'hours';
const SWEPT = 'swept';

const HOUR_MS = 3_600_000;
/** The resource whose objects expire; their writes wake nobody. */
const EXPIRING = '/registry/core/events';

export interface Look {
  /** There may be something to do, or to sweep. */
  readonly isDue: boolean;
  /** Kept for `looked`. */
  readonly known: {
    readonly hours: readonly string[];
    readonly swept: readonly string[];
    readonly newest: number;
  };
}

export class LookSchedule {
  readonly #factory: Pick<StorageFactory, 'newestRevision' | 'objectCounts'>;
  readonly #pairs: PairIndex;
  readonly #now: () => number;

  constructor(
    factory: Pick<StorageFactory, 'newestRevision' | 'objectCounts' | 'pairs'>,
    now: () => number = Date.now,
  ) {
    this.#factory = factory;
    this.#pairs = factory.pairs(LOOKS);
    this.#now = now;
  }

  /**
   * Something was written: before it is seen to, so that a process that dies leaves word. Costs a write an hour and
   * process.
   */
  async heard(): Promise<void> {
    await this.#pairs.add(HOURS, hourOf(this.#now()));
  }

  /** There will be something to do in so many milliseconds, which nobody's write tells of. */
  async due(inMs: number): Promise<void> {
    await this.#pairs.add(HOURS, hourOf(this.#now() + inMs));
  }

  /** Costs two reads. */
  async next(): Promise<Look> {
    const [all, newest] = await Promise.all([this.#pairs.all(), this.#factory.newestRevision(EXPIRING)]);
    const hours = [...(all.get(HOURS) ?? [])];
    const swept = [...(all.get(SWEPT) ?? [])];
    const hour = hourOf(this.#now());
    return {
      // Who has never looked has swept nothing.
      isDue: !swept.includes(String(newest)) || hours.some((one) => one <= hour),
      known: { hours, swept, newest },
    };
  }

  /**
   * Everything was looked at, and swept; what is still to do was told of by `due`. The hour that goes on is kept: more
   * may be written in it, by processes that have said so already.
   */
  async looked({ known }: Look): Promise<void> {
    const hour = hourOf(this.#now());
    // Sweeping has read them all, if they are not too many: what is left will expire.
    const hasExpiring = this.#factory.objectCounts().get(EXPIRING) !== 0;
    for (const past of known.hours.filter((one) => one < hour)) await this.#pairs.remove(HOURS, past);
    const swept = hasExpiring ? '' : String(known.newest);
    if (!known.swept.includes(swept)) await this.#pairs.add(SWEPT, swept);
    for (const before of known.swept.filter((one) => one !== swept)) await this.#pairs.remove(SWEPT, before);
  }
}

/** The hours of the clock, in order as texts. */
function hourOf(ms: number): string {
  return String(Math.floor(ms / HOUR_MS)).padStart(8, '0');
}
