/**
 * Decides whether a host that is woken by writes, and now and then by a timer, must run a full resync when the timer
 * wakes it. A resync finds what writes left undone: lost records, effects of time alone, expired objects. If nothing
 * was written since the last one, and nothing is due, it is skipped.
 */

import type { PairIndex, StorageFactory } from '../storage/storage.ts';

/** Name of the pair index that holds this state, and its keys. */
const RESYNC_INDEX = 'looks';
const HOURS = 'hours';
const SWEPT = 'swept';

const HOUR_MS = 3_600_000;
/** The resource whose objects expire; its writes don't wake the host. */
const EXPIRING = '/registry/core/events';

export interface ResyncCheck {
  /** There may be work, or expired objects. */
  readonly isDue: boolean;
  /** To be passed to `looked`. */
  readonly known: {
    readonly hours: readonly string[];
    readonly swept: readonly string[];
    readonly newest: number;
  };
}

export class ResyncSchedule {
  readonly #factory: Pick<StorageFactory, 'newestRevision' | 'objectCounts'>;
  readonly #pairs: PairIndex;
  readonly #now: () => number;

  constructor(
    factory: Pick<StorageFactory, 'newestRevision' | 'objectCounts' | 'pairs'>,
    now: () => number = Date.now,
  ) {
    this.#factory = factory;
    this.#pairs = factory.pairs(RESYNC_INDEX);
    this.#now = now;
  }

  /**
   * Records that something was written, before it is processed, so that the record survives the process. Costs one
   * write per hour and process.
   */
  async recordWrite(): Promise<void> {
    await this.#pairs.add(HOURS, hourOf(this.#now()));
  }

  /** Records that there will be work in `inMs` milliseconds, without any write. */
  async recordDue(inMs: number): Promise<void> {
    await this.#pairs.add(HOURS, hourOf(this.#now() + inMs));
  }

  /** Costs two reads. */
  async next(): Promise<ResyncCheck> {
    const [all, newest] = await Promise.all([this.#pairs.all(), this.#factory.newestRevision(EXPIRING)]);
    const hours = [...(all.get(HOURS) ?? [])];
    const swept = [...(all.get(SWEPT) ?? [])];
    const hour = hourOf(this.#now());
    return {
      // Without a record, nothing was ever swept.
      isDue: !swept.includes(String(newest)) || hours.some((one) => one <= hour),
      known: { hours, swept, newest },
    };
  }

  /**
   * Records a completed resync and sweep; remaining work was recorded by `due`. The current hour is kept, since
   * processes that have recorded it already may write more.
   */
  async recordResync({ known }: ResyncCheck): Promise<void> {
    const hour = hourOf(this.#now());
    // The sweep has loaded the expiring objects, unless there are too many: those left will expire later.
    const hasExpiring = this.#factory.objectCounts().get(EXPIRING) !== 0;
    for (const past of known.hours.filter((one) => one < hour)) await this.#pairs.remove(HOURS, past);
    const swept = hasExpiring ? '' : String(known.newest);
    if (!known.swept.includes(swept)) await this.#pairs.add(SWEPT, swept);
    for (const before of known.swept.filter((one) => one !== swept)) await this.#pairs.remove(SWEPT, before);
  }
}

/** Hours since the epoch, sortable as text. */
function hourOf(ms: number): string {
  return String(Math.floor(ms / HOUR_MS)).padStart(8, '0');
}
