/**
 * The second half of a commit: every revision that was taken becomes its member's write or a noop, whatever is lost,
 * late or in the way, and every member hears what became of its intent.
 */

import { growthBetween, NO_HOLDING, sumOfHoldings } from '../storage-ledger.ts';
import type { CommitQueue, Member } from './commit-queue.ts';
import { type CancellationReason, isTableError, TableError, type Write } from './dynamodb-table.ts';
import { isOwn } from './intent.ts';
import type { ResourceContext } from './layout.ts';
import type { ObjectRows } from './object-rows.ts';
import { backoff, mayRetry, storageError } from './retry.ts';
import { type Change, isWrite, type RevisionLog } from './revision-log.ts';
import { changesOf, type Slot } from './slot.ts';

/** How often a write takes a new revision before it gives up. */
const MAX_REVISIONS = 20;

/**
 * How this process knows what it committed. `acknowledged`: DynamoDB said so, and every consistent read from now on
 * shows all of it. `found`: the log has it, and the objects may not show it yet.
 */
export type Evidence = 'acknowledged' | 'found';

export interface SettlerOptions<T> {
  readonly context: ResourceContext<T>;
  readonly log: RevisionLog<T>;
  readonly rows: ObjectRows<T>;
  /** Called with what was committed, noops included, before the writers are answered. */
  readonly onCommitted: (changes: readonly Change<T>[], evidence: Evidence) => void;
  /** Called when it isn't known what became of writes. */
  readonly onDoubt: () => void;
}

export class Settler<T> {
  readonly #options: SettlerOptions<T>;
  readonly #queue: CommitQueue<T>;

  /** `queue` gets back who needs another revision. */
  constructor(options: SettlerOptions<T>, queue: CommitQueue<T>) {
    this.#options = options;
    this.#queue = queue;
  }

  /**
   * Sees to it that each slot's revision is decided, and tells each member, once others are told of them by `hinted`: a
   * process may be frozen as soon as its members have their answers. Whether all of it is known to be visible to all.
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
          // One of them is what DynamoDB won't take: alone, each gets its own answer.
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
        // What was cancelled for conditions alone is free to go on at once.
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

  /** Takes note of slots that a transaction of theirs has decided, and tells their members. `hinted`: see `settle`. */
  async succeed(slots: readonly Slot<T>[], hinted?: Promise<void>): Promise<void> {
    const counted = this.#count(changesOf(slots));
    if (hinted !== undefined || counted !== undefined) await Promise.all([hinted, counted]);
    this.#tell(
      slots.map(
        ({ draft, revision, allocatedAt }) =>
          draft?.change ?? { revision, kind: 'noop', key: '', allocatedAt },
      ),
      'acknowledged',
    );
    for (const slot of slots) {
      if (slot.draft !== undefined) slot.member?.resolve({ change: slot.draft.change });
      else slot.tellVerdict();
    }
  }

  /** Makes noops of revisions that nothing will be written under, unless something was. */
  async fill(slots: readonly Slot<T>[]): Promise<void> {
    await Promise.all(
      slots.map(async (slot) => {
        const fate = await this.#fateOf(slot);
        if (this.#isOurs(fate)) await this.#count([fate]);
        this.#options.onCommitted([fate], 'found');
        if (isWrite(fate)) slot.member?.resolve({ change: fate });
        else slot.tellVerdict();
      }),
    );
  }

  /** Takes each slot's fate from its entry: a transaction of theirs went through, and all of it is there or will be. */
  async readFates(slots: readonly Slot<T>[]): Promise<void> {
    const fates = await Promise.all(slots.map((slot) => this.#fateOf(slot)));
    // Others' are there where this process is not as alone as it took itself to be, and its predecessor's last.
    const committed = fates.filter((fate) => this.#isOurs(fate));
    await this.#count(committed);
    this.#tell(committed, 'found');
    for (const [index, slot] of slots.entries()) {
      const fate = fates[index]!;
      // Under the same revision this process may have written before, and not heard that it did.
      if (committed.includes(fate) && isSameChange(fate, slot.change)) slot.member?.resolve({ change: fate });
      else this.#lose(slot);
    }
  }

  #writes(slot: Slot<T>): readonly Write[] {
    return slot.draft?.writes ?? [this.#options.log.fillWrite(slot.revision, 'noop', slot.allocatedAt)];
  }

  /** The entry of the slot's revision, which is a noop of this process's unless there was one. */
  #fateOf({ revision, allocatedAt }: Slot<T>): Promise<Change<T>> {
    return this.#options.log.fill(revision, 'noop', allocatedAt);
  }

  #isOurs(change: Change<T>): boolean {
    return change.writer === this.#options.context.writer && isWrite(change);
  }

  /** Takes what a cancelled transaction tells; returns the slots that are still undecided. */
  async #examine(
    slots: readonly Slot<T>[],
    { reasons }: TableError,
    writes: readonly (readonly Write[])[],
  ): Promise<Slot<T>[]> {
    let at = 0;
    const told = slots.map((slot, index) => {
      const entryAt = slot.draft === undefined ? at : at + 1;
      const objectAt = slot.draft === undefined ? undefined : at;
      at += writes[index]!.length;
      return {
        slot,
        entry: failedCondition(reasons[entryAt]),
        object: objectAt === undefined ? undefined : failedCondition(reasons[objectAt]),
      };
    });
    // An earlier attempt, whose answer was lost, went through; if it did so for one, it did for all.
    if (told.some(({ entry }) => isOwn(this.#options.context, entry?.item))) {
      await this.readFates(slots);
      return [];
    }
    const open: Slot<T>[] = [];
    for (const { slot, entry, object } of told) {
      if (entry !== undefined) this.#lose(slot);
      else open.push(slot);
      if (entry === undefined && object !== undefined) await this.#conflict(slot, object);
    }
    return open;
  }

  /** What stands in a member's way decides: another's state is its answer, another's tombstone isn't. */
  async #conflict(slot: Slot<T>, { item }: CancellationReason): Promise<void> {
    const { key, before } = slot.member!.intent;
    const row = item === undefined ? undefined : await this.#options.rows.decode(item);
    const superseded = item !== undefined && row === undefined;
    const current = superseded ? await this.#options.rows.read(key) : row;
    if (before === undefined && current?.state === undefined) this.#requeue(slot);
    else slot.drop((member) => member.resolve({ conflict: current }));
  }

  /** To be awaited before the writers have their answers, for a process may be frozen then; unset: nobody counts. */
  #count(changes: readonly Change<T>[]): Promise<void> | undefined {
    return this.#options.context.ledger?.count(
      changes
        .map(({ before, after }) => growthBetween(before?.bytes, after?.bytes))
        .reduce(sumOfHoldings, NO_HOLDING),
    );
  }

  #tell(changes: readonly Change<T>[], evidence: Evidence): void {
    this.#options.onCommitted(changes, evidence);
    this.#queue.outdate(changes);
  }

  /** The slot's revision is another's noop: its member needs a new one, unless it has its answer. */
  #lose(slot: Slot<T>): void {
    if (slot.draft === undefined) slot.tellVerdict();
    else this.#again(slot.member!);
  }

  /** Gives the member another revision once this one is a noop. */
  #requeue(slot: Slot<T>): void {
    if (slot.draft !== undefined) slot.drop((member) => this.#again(member));
  }

  #again(member: Member<T>): void {
    member.fenced++;
    if (member.fenced < MAX_REVISIONS) {
      this.#queue.addFirst(member);
      return;
    }
    const message = `${member.intent.key} could not be written under ${MAX_REVISIONS} revisions`;
    member.reject(storageError(new TableError('Conflict', message)));
  }

  /** Makes sure of each slot's fate before its member hears of a failure. */
  async #giveUp(slots: readonly Slot<T>[], error: TableError): Promise<void> {
    for (const slot of slots) {
      if (slot.draft !== undefined) slot.drop((member) => member.reject(storageError(error)));
    }
    try {
      await this.fill(slots);
    } catch {
      // Whether they took effect shows when a reader comes by: their writers hear of the first failure.
      this.#options.onDoubt();
      for (const slot of slots) slot.tellVerdict();
    }
  }
}

/** Whether two changes leave the same behind. */
function isSameChange<T>(one: Change<T>, other: Change<T> | undefined): boolean {
  if (one.key !== other?.key || one.kind !== other.kind) return false;
  const [mine, theirs] = [one.after?.bytes, other.after?.bytes];
  return mine === undefined || theirs === undefined ? mine === theirs : Buffer.compare(mine, theirs) === 0;
}

/** Whether DynamoDB will never take this request, or one of its writes. */
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
