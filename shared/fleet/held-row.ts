/**
 * Work on a tenant that takes longer than a call: a move, an end, what else is removed. Whoever does it holds the
 * directory's row by a lease that stands in it, and renews that as he goes on; all others leave the row alone, until he
 * is done or has not been heard of for a while. Then another takes over, and goes on from what the row says.
 *
 * Clocks only decide when another may try. That two never work at once rests on the row: each writes over what he has
 * read, so that who was taken for gone finds out before he has gone on for long, and his successor begins after that.
 */

import { REQUEST_TIMEOUT_MS } from '../storage/dynamodb/connection.ts';
import { patiently } from '../storage/dynamodb/patiently.ts';
import type { Clock } from '../util/clock.ts';
import { equalJSON } from '../util/json-equal.ts';
import { NotYet } from './not-yet.ts';
import type { TenantDirectory, TenantEntry, TenantRow } from './tenant-directory.ts';

/** Who has not renewed his lease for so long is gone, by his own clock. */
const LEASE_MS = 30_000;
/** How long somebody goes on between two looks at whether the row is still his. */
const RENEW_MS = 2_000;
/** After which nothing of a predecessor's is under way: he has looked, and his last call is over. */
const SETTLED_MS = RENEW_MS + REQUEST_TIMEOUT_MS + 1_000;
/** After so long a controller leaves it for the next turn: a function's time is bounded, and others' objects wait. */
export const TURN_MS = 60_000;

/** Another process is at work on the tenant, which tells of it himself. */
export class HeldElsewhere extends NotYet {}

export interface HoldOptions {
  readonly directory: Pick<TenantDirectory, 'read' | 'write' | 'remove'>;
  readonly clock: Clock;
  readonly newHolder: () => string;
  /** Milliseconds after which `check` rejects, so that the work is gone on with later; absent: never. */
  readonly turnMs?: number | undefined;
}

/** Throws `HeldElsewhere` while another process holds the row. */
export function refuseHeld({ entry, lease }: TenantRow, clock: Pick<Clock, 'now'>): void {
  const left = (lease?.until ?? 0) - clock.now();
  // A clock that is far ahead keeps nobody away: what it says was no lease's length.
  if (left <= 0 || left > 2 * LEASE_MS) return;
  throw new HeldElsewhere(`another process is at work on control plane ${entry.name}`, left + 1);
}

/**
 * Does `work` while it holds the row, and returns the row as it is then. Rejects with `HeldElsewhere` if another holds
 * it, has written over it, or has taken it over meanwhile, and with what `work` rejects with: by then none of its calls
 * may be under way. What `work` has put stays in the row in any case.
 */
export async function whileHolding(
  row: TenantRow,
  options: HoldOptions,
  work: (held: HeldRow) => Promise<void>,
): Promise<TenantRow> {
  const held = await hold(row, options);
  try {
    await work(held);
  } catch (error) {
    // Else it ends by itself.
    if (!(error instanceof HeldElsewhere)) await held.release().catch(() => undefined);
    throw error;
  }
  return held.release();
}

/** For whoever releases it himself. Rejects with `HeldElsewhere`. */
export async function hold(row: TenantRow, options: HoldOptions): Promise<HeldRow> {
  refuseHeld(row, options.clock);
  const held = new HeldRow(row, options);
  await held.put(row.entry);
  if (row.lease !== undefined) await options.clock.sleep(SETTLED_MS);
  return held;
}

export class HeldRow {
  readonly #options: HoldOptions;
  readonly #holder: string;
  readonly #turnEnds: number;
  #row: TenantRow;
  /** By both clocks: one of them may have stood still while the process did. */
  #renewAt = { now: 0, monotonic: 0 };
  #renewing: Promise<void> | undefined;
  #isGone = false;
  /** What was done so far, in words for the tenant's owner. */
  progress = 'under way';

  constructor(row: TenantRow, options: HoldOptions) {
    this.#row = row;
    this.#options = options;
    this.#holder = options.newHolder();
    this.#turnEnds = options.clock.monotonic() + (options.turnMs ?? Number.POSITIVE_INFINITY);
  }

  get entry(): TenantEntry {
    return this.#row.entry;
  }

  /** What is to stand in the row when it is next written. */
  note(entry: TenantEntry): void {
    this.#row = { ...this.#row, entry };
  }

  /** To be asked before every call. Rejects with `HeldElsewhere` if the row is another's, with `NotYet` at a turn's end. */
  readonly check = async (): Promise<void> => {
    const { clock } = this.#options;
    const isOld = () => clock.monotonic() >= this.#renewAt.monotonic || clock.now() >= this.#renewAt.now;
    if (clock.monotonic() >= this.#turnEnds) throw new NotYet(this.#told(), 1);
    // An answer may have come to a process that was frozen.
    while (isOld()) {
      this.#renewing ??= this.#write().finally(() => {
        this.#renewing = undefined;
      });
      await this.#renewing;
    }
  };

  /** Writes the row, and renews the lease. None of its holder's calls may be under way. */
  async put(entry: TenantEntry): Promise<void> {
    this.note(entry);
    await this.#write();
  }

  /** Removes the row, if it stands. */
  async remove(): Promise<void> {
    const { directory, clock } = this.#options;
    const isRemoved = await patiently(() => directory.remove(this.#row), clock);
    if (!isRemoved && (await directory.read(this.entry.name)) !== undefined) throw this.#lost();
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
    while (!(await patiently(() => directory.write(entry, this.#row, lease), clock))) {
      const standing = await patiently(() => directory.read(entry.name), clock);
      const isOurs = standing?.lease?.holder === this.#holder;
      const isOver = isLast && standing?.lease === undefined && equalJSON(standing?.entry, entry);
      // A write of before, whose answer was lost.
      if (standing === undefined || !(isOurs || isOver)) throw this.#lost();
      this.#row = { ...standing, entry };
      if (isOver) return;
    }
    this.#row = { entry: this.#row.entry, revision: this.#row.revision + 1, lease };
    this.#renewAt = renewAt;
  }

  /** With a time, so that the object changes, and is looked at again. */
  #told(): string {
    return `${this.progress}, as of ${new Date(this.#options.clock.now()).toISOString().replace(/\.\d+/, '')}`;
  }

  #lost(): HeldElsewhere {
    return new HeldElsewhere(`another process took over control plane ${this.entry.name}`);
  }
}
