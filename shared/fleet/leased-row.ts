/**
 * Exclusive work on a tenant that outlasts a single call: a move, a deletion, the removal of leftovers. The process
 * that does it holds a lease in the directory's row and renews it while it works; other processes leave the row alone
 * until the work is done or the lease has expired. The next process then takes over, and resumes from the progress
 * stored in the row.
 *
 * Clocks only decide when another process may try. Mutual exclusion rests on conditional writes of the row: a process
 * that wrongly counts as dead finds its row overwritten at its next renewal, and its successor waits for that before it
 * starts.
 */

import { REQUEST_TIMEOUT_MS } from '../storage/dynamodb/connection.ts';
import { retryTableCall } from '../storage/dynamodb/retry-table-call.ts';
import type { Clock } from '../util/clock.ts';
import { equalJSON } from '../util/json-equal.ts';
import { NotYet } from './not-yet.ts';
import type { TenantDirectory, TenantEntry, TenantRow } from './tenant-directory.ts';

/** A lease that has not been renewed for this long has expired, by its holder's clock. */
const LEASE_MS = 30_000;
/** Interval at which the holder renews the lease, and so verifies that the row is still its own. */
const RENEW_MS = 2_000;
/** Time until no call of a former holder can be in flight: it has failed to renew, and its last call has ended. */
const DRAIN_MS = RENEW_MS + REQUEST_TIMEOUT_MS + 1_000;
/**
 * After this long a controller leaves the rest for its next turn: a function's time is bounded, and other objects wait.
 */
export const TURN_MS = 60_000;

/** Another process works on the tenant and reports its progress itself. */
export class LeasedElsewhere extends NotYet {}

export interface LeaseOptions {
  readonly directory: Pick<TenantDirectory, 'read' | 'write' | 'remove'>;
  readonly clock: Clock;
  readonly newHolder: () => string;
  /** Milliseconds after which `check` rejects, so that the work is resumed later; absent: never. */
  readonly turnMs?: number | undefined;
}

/** Throws `LeasedElsewhere` while another process holds the row. */
export function rejectIfLeased({ entry, lease }: TenantRow, clock: Pick<Clock, 'now'>): void {
  const left = (lease?.until ?? 0) - clock.now();
  // A holder whose clock is far ahead must not block others: no lease lasts that long.
  if (left <= 0 || left > 2 * LEASE_MS) return;
  throw new LeasedElsewhere(`another process is at work on control plane ${entry.name}`, left + 1);
}

/**
 * Runs `work` while holding the row, and returns the row as it is afterwards. Rejects with `LeasedElsewhere` if another
 * process holds the row, has written it or has taken it over meanwhile, and with any error of `work`; `work` must not
 * have calls in flight when it rejects. Rows that `work` has put are kept in any case.
 */
export async function withLease(
  row: TenantRow,
  options: LeaseOptions,
  work: (held: LeasedRow) => Promise<void>,
): Promise<TenantRow> {
  const held = await acquireLease(row, options);
  try {
    await work(held);
  } catch (error) {
    // Otherwise the lease expires by itself.
    if (!(error instanceof LeasedElsewhere)) await held.release().catch(() => undefined);
    throw error;
  }
  return held.release();
}

/** Like `withLease`, for callers that release the row themselves. Rejects with `LeasedElsewhere`. */
export async function acquireLease(row: TenantRow, options: LeaseOptions): Promise<LeasedRow> {
  rejectIfLeased(row, options.clock);
  const held = new LeasedRow(row, options);
  await held.put(row.entry);
  if (row.lease !== undefined) await options.clock.sleep(DRAIN_MS);
  return held;
}

export class LeasedRow {
  readonly #options: LeaseOptions;
  readonly #holder: string;
  readonly #turnEnds: number;
  #row: TenantRow;
  /** By both clocks, since either may have stood still while the process was suspended. */
  #renewAt = { now: 0, monotonic: 0 };
  #renewing: Promise<void> | undefined;
  #isGone = false;
  /** Progress so far, in words for the tenant's owner. */
  progress = 'in progress';

  constructor(row: TenantRow, options: LeaseOptions) {
    this.#row = row;
    this.#options = options;
    this.#holder = options.newHolder();
    this.#turnEnds = options.clock.monotonic() + (options.turnMs ?? Number.POSITIVE_INFINITY);
  }

  get entry(): TenantEntry {
    return this.#row.entry;
  }

  /** Sets the entry to store with the next write of the row. */
  setEntry(entry: TenantEntry): void {
    this.#row = { ...this.#row, entry };
  }

  /**
   * Must be awaited before every call. Rejects with `LeasedElsewhere` if another process has taken the row, with `NotYet`
   * at the end of a turn.
   */
  readonly check = async (): Promise<void> => {
    const { clock } = this.#options;
    const isOld = () => clock.monotonic() >= this.#renewAt.monotonic || clock.now() >= this.#renewAt.now;
    if (clock.monotonic() >= this.#turnEnds) throw new NotYet(this.#progressMessage(), 1);
    // Checked again after each write: the process may have been frozen before it received the response.
    while (isOld()) {
      this.#renewing ??= this.#write().finally(() => {
        this.#renewing = undefined;
      });
      await this.#renewing;
    }
  };

  /** Writes the row and renews the lease. The holder must not have calls in flight. */
  async put(entry: TenantEntry): Promise<void> {
    this.setEntry(entry);
    await this.#write();
  }

  /** Removes the row, if it exists. */
  async remove(): Promise<void> {
    const { directory, clock } = this.#options;
    const isRemoved = await retryTableCall(() => directory.remove(this.#row), clock);
    if (!isRemoved && (await directory.read(this.entry.name)) !== undefined) throw this.#leaseLost();
    this.#isGone = true;
  }

  async release(): Promise<TenantRow> {
    if (!this.#isGone && this.#row.lease !== undefined) await this.#write({ isLast: true });
    return this.#row;
  }

  async #write({ isLast = false }: { readonly isLast?: boolean } = {}): Promise<void> {
    const { directory, clock } = this.#options;
    const renewAt = { now: clock.now() + RENEW_MS, monotonic: clock.monotonic() + RENEW_MS };
    const lease = isLast ? undefined : { holder: this.#holder, until: clock.now() + LEASE_MS };
    const { entry } = this.#row;
    while (!(await retryTableCall(() => directory.write(entry, this.#row, lease), clock))) {
      const existing = await retryTableCall(() => directory.read(entry.name), clock);
      const isOurs = existing?.lease?.holder === this.#holder;
      const isOver = isLast && existing?.lease === undefined && equalJSON(existing?.entry, entry);
      // An earlier attempt of this write may have succeeded although its response was lost.
      if (existing === undefined || !(isOurs || isOver)) throw this.#leaseLost();
      this.#row = { ...existing, entry };
      if (isOver) return;
    }
    this.#row = { entry: this.#row.entry, revision: this.#row.revision + 1, lease };
    this.#renewAt = renewAt;
  }

  /** Includes the time, so that the object changes and is synced again. */
  #progressMessage(): string {
    return `${this.progress}, as of ${new Date(this.#options.clock.now()).toISOString().replace(/\.\d+/, '')}`;
  }

  #leaseLost(): LeasedElsewhere {
    const isBeginning = this.#renewAt.now === 0;
    const doing = isBeginning ? 'is at work on' : 'took over';
    return new LeasedElsewhere(`another process ${doing} control plane ${this.entry.name}`);
  }
}
