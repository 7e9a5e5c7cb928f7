/**
 * The second half of a commit: every revision that was taken becomes its member's write or a noop, whatever is lost,
 * late or conflicting, and every member gets the outcome of its intent.
 */

import { growthBetween, NO_SIZE, sumOfSizes } from '../storage-ledger.ts';
import type { CommitQueue, Member } from './commit-queue.ts';
import { type CancellationReason, isTableError, TableError, type Write } from './dynamodb-table.ts';
import { isOwn } from './intent.ts';
import type { ResourceContext } from './layout.ts';
import type { ObjectRows } from './object-rows.ts';
import { backoff, mayRetry, storageError } from './retry.ts';
import { type Change, isWrite, type RevisionLog } from './revision-log.ts';
import { changesOf, type Slot } from './slot.ts';

/** Maximum number of revisions a write takes before it fails. */
const MAX_REVISIONS = 20;

/**
 * Evidence for a commit. `acknowledged`: DynamoDB confirmed it, and every consistent read from now on sees all of it.
 * `found`: the log has it, but the objects may not be visible yet.
 */
export type Evidence = 'acknowledged' | 'found';

export interface SettlerOptions<T> {
  readonly context: ResourceContext<T>;
  readonly log: RevisionLog<T>;
  readonly rows: ObjectRows<T>;
  /** Called with the committed changes, noops included, before the writers get their results. */
  readonly onCommitted: (changes: readonly Change<T>[], evidence: Evidence) => void;
  /** Called when the outcome of writes is unknown. */
  readonly onUnknownOutcome: () => void;
}

export class Settler<T> {
  readonly #options: SettlerOptions<T>;
  readonly #queue: CommitQueue<T>;

  /** Members that need another revision return to `queue`. */
  constructor(options: SettlerOptions<T>, queue: CommitQueue<T>) {
    this.#options = options;
    this.#queue = queue;
  }

  /**
   * Decides each slot's revision and resolves its member, after `hinted` has resolved: the process may be frozen as
   * soon as its members have their results. Returns whether everything is known to be visible to all.
   */
  async settle(slots: readonly Slot<T>[], hinted?: Promise<void>): Promise<boolean> {
    const { clock, protocol, table } = this.#options.context;
    const start = clock.monotonic();
    let open = slots;
    for (let attempt = 0; open.length > 0; attempt++) {
      if (open.every((slot) => slot.draft === undefined)) {
        await this.fill(open);
        return false;
      }
      const writes = open.map((slot) => this.#writes(slot));
      try {
        await table.transact(writes.flat(), { notAfter: open[0]!.allocatedAt + protocol.maxHoldMs });
        await this.succeed(open, hinted);
        return true;
      } catch (error) {
        if (!isTableError(error)) throw error;
        if (error.kind === 'TooLate') {
          for (const slot of open) this.#requeue(slot);
        } else if (isRefused(error) && open.length > 1) {
          // DynamoDB rejects one of them: separately, each gets its own result.
          let areVisible = true;
          for (const slot of open) areVisible = (await this.settle([slot], hinted)) && areVisible;
          return areVisible;
        } else if (isRefused(error)) {
          await this.#giveUp(open, error);
          return false;
        } else if (error.kind === 'Canceled') {
          open = await this.#examine(open, error, writes);
        } else if (!mayRetry(error.kind, clock.monotonic() - start, protocol)) {
          await this.#giveUp(open, error);
          return false;
        }
        // A transaction cancelled only by conditions is retried at once.
        const waits =
          error.kind !== 'Canceled' ||
          error.reasons.some(({ kind }) => kind === 'Conflict' || kind === 'Throttled');
        if (waits) await clock.sleep(backoff(clock, attempt));
        if (clock.monotonic() - start >= protocol.retryMs) {
          await this.#giveUp(open, error);
          return false;
        }
      }
    }
    return false;
  }

  /** Completes slots whose transaction succeeded, and resolves their members. `hinted`: see `settle`. */
  async succeed(slots: readonly Slot<T>[], hinted?: Promise<void>): Promise<void> {
    const counted = this.#count(changesOf(slots));
    if (hinted !== undefined || counted !== undefined) await Promise.all([hinted, counted]);
    this.#report(
      slots.map(
        ({ draft, revision, allocatedAt }) =>
          draft?.change ?? { revision, kind: 'noop', key: '', allocatedAt },
      ),
      'acknowledged',
    );
    for (const slot of slots) {
      if (slot.draft !== undefined) slot.member?.resolve({ change: slot.draft.change });
      else slot.finishDrop();
    }
  }

  /** Fills the slots' revisions with noops, unless something was written under them. */
  async fill(slots: readonly Slot<T>[]): Promise<void> {
    await Promise.all(
      slots.map(async (slot) => {
        const outcome = await this.#outcomeOf(slot);
        if (this.#isOwnWrite(outcome)) await this.#count([outcome]);
        this.#options.onCommitted([outcome], 'found');
        if (isWrite(outcome)) slot.member?.resolve({ change: outcome });
        else slot.finishDrop();
      }),
    );
  }

  /** Completes each slot from its log entry: their transaction has succeeded, and everything is visible or will be. */
  async settleFromLog(slots: readonly Slot<T>[]): Promise<void> {
    const outcomes = await Promise.all(slots.map((slot) => this.#outcomeOf(slot)));
    // Entries of other processes exist if this process is not the only writer after all, such as the last ones of its
    // predecessor.
    const committed = outcomes.filter((outcome) => this.#isOwnWrite(outcome));
    await this.#count(committed);
    this.#report(committed, 'found');
    for (const [index, slot] of slots.entries()) {
      const outcome = outcomes[index]!;
      // This process may have written something else under the same revision before, without receiving the response.
      if (committed.includes(outcome) && isSameChange(outcome, slot.change))
        slot.member?.resolve({ change: outcome });
      else this.#supersede(slot);
    }
  }

  #writes(slot: Slot<T>): readonly Write[] {
    return slot.draft?.writes ?? [this.#options.log.fillWrite(slot.revision, 'noop', slot.allocatedAt)];
  }

  /** The entry of the slot's revision: a noop written by this process, unless there was one. */
  #outcomeOf({ revision, allocatedAt }: Slot<T>): Promise<Change<T>> {
    return this.#options.log.fill(revision, 'noop', allocatedAt);
  }

  #isOwnWrite(change: Change<T>): boolean {
    return change.writer === this.#options.context.writer && isWrite(change);
  }

  /** Evaluates a cancelled transaction; returns the slots that are still undecided. */
  async #examine(
    slots: readonly Slot<T>[],
    { reasons }: TableError,
    writes: readonly (readonly Write[])[],
  ): Promise<Slot<T>[]> {
    let at = 0;
    const results = slots.map((slot, index) => {
      const entryAt = slot.draft === undefined ? at : at + 1;
      const objectAt = slot.draft === undefined ? undefined : at;
      at += writes[index]!.length;
      return {
        slot,
        entry: failedCondition(reasons[entryAt]),
        object: objectAt === undefined ? undefined : failedCondition(reasons[objectAt]),
      };
    });
    // An earlier attempt, whose response was lost, succeeded; if it did for one slot, it did for all.
    if (results.some(({ entry }) => isOwn(this.#options.context, entry?.item))) {
      await this.settleFromLog(slots);
      return [];
    }
    const open: Slot<T>[] = [];
    for (const { slot, entry, object } of results) {
      if (entry !== undefined) this.#supersede(slot);
      else open.push(slot);
      if (entry === undefined && object !== undefined) await this.#conflict(slot, object);
    }
    return open;
  }

  /**
   * Handles a conflict with the stored item: another's state is the member's result, another's tombstone leads to a
   * retry.
   */
  async #conflict(slot: Slot<T>, { item }: CancellationReason): Promise<void> {
    const { key, before } = slot.member!.intent;
    const row = item === undefined ? undefined : await this.#options.rows.decode(item);
    const superseded = item !== undefined && row === undefined;
    const current = superseded ? await this.#options.rows.read(key) : row;
    if (before === undefined && current?.state === undefined) this.#requeue(slot);
    else slot.drop((member) => member.resolve({ conflict: current }));
  }

  /**
   * To be awaited before the writers get their results, since the process may be frozen afterwards; undefined: no
   * ledger.
   */
  #count(changes: readonly Change<T>[]): Promise<void> | undefined {
    return this.#options.context.ledger?.count(
      changes
        .map(({ before, after }) => growthBetween(before?.size, after?.size))
        .reduce(sumOfSizes, NO_SIZE),
    );
  }

  #report(changes: readonly Change<T>[], evidence: Evidence): void {
    this.#options.onCommitted(changes, evidence);
    this.#queue.outdate(changes);
  }

  /** The slot's revision is another process's noop: its member needs a new one, unless it has been dropped. */
  #supersede(slot: Slot<T>): void {
    if (slot.draft === undefined) slot.finishDrop();
    else this.#requeueMember(slot.member!);
  }

  /** Gives the member another revision once this one is a noop. */
  #requeue(slot: Slot<T>): void {
    if (slot.draft !== undefined) slot.drop((member) => this.#requeueMember(member));
  }

  #requeueMember(member: Member<T>): void {
    member.fenced++;
    if (member.fenced < MAX_REVISIONS) {
      this.#queue.addFirst(member);
      return;
    }
    const message = `${member.intent.key} could not be written under ${MAX_REVISIONS} revisions`;
    member.reject(storageError(new TableError('Conflict', message)));
  }

  /** Decides each slot's revision before its member's write is rejected. */
  async #giveUp(slots: readonly Slot<T>[], error: TableError): Promise<void> {
    for (const slot of slots) {
      if (slot.draft !== undefined) slot.drop((member) => member.reject(storageError(error)));
    }
    try {
      await this.fill(slots);
    } catch {
      // Their outcome will be seen by a later reader; the writers get the first failure.
      this.#options.onUnknownOutcome();
      for (const slot of slots) slot.finishDrop();
    }
  }
}

/** Whether two changes have the same result. */
function isSameChange<T>(one: Change<T>, other: Change<T> | undefined): boolean {
  if (one.key !== other?.key || one.kind !== other.kind) return false;
  const [mine, theirs] = [one.after?.bytes, other.after?.bytes];
  return mine === undefined || theirs === undefined ? mine === theirs : Buffer.compare(mine, theirs) === 0;
}

/** Whether DynamoDB will never accept this request, or one of its writes. */
function isRefused({ kind, reasons }: TableError): boolean {
  return (
    kind === 'TooLarge' ||
    kind === 'Refused' ||
    reasons.some((reason) => reason.kind === 'TooLarge' || reason.kind === 'Other')
  );
}

function failedCondition(reason: CancellationReason | undefined): CancellationReason | undefined {
  return reason?.kind === 'ConditionFailed' ? reason : undefined;
}
