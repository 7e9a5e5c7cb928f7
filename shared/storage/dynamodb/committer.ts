/**
 * Group commit: writes of one process to one resource that arrive while a commit is under way leave together, under
 * revisions taken in one call, in one transaction.
 */

import { highest } from '../../util/extremes.ts';
import { type Holding, NO_HOLDING, sumOfHoldings } from '../storage-ledger.ts';
import { CommitQueue, type Member, type Outcome } from './commit-queue.ts';
import {
  type CancellationReason,
  type Claim,
  isTableError,
  TableError,
  type Write,
} from './dynamodb-table.ts';
import { type Draft, draft, type Intent, isOwn } from './intent.ts';
import type { ResourceContext } from './layout.ts';
import type { ObjectRows } from './object-rows.ts';
import { backoff, mayRetry, storageError } from './retry.ts';
import type { Change, RevisionLog } from './revision-log.ts';
import type { Head, Sequencer } from './sequencer.ts';

export interface CommitterOptions<T> {
  readonly context: ResourceContext<T>;
  readonly sequencer: Sequencer<T>;
  readonly log: RevisionLog<T>;
  readonly rows: ObjectRows<T>;
  /**
   * Called with what was committed, noops included, before the writers are answered. `acknowledged`: DynamoDB said so,
   * so that every consistent read from now on shows all of it.
   */
  readonly onCommitted: (changes: readonly Change<T>[], acknowledged: boolean) => void;
  /** Called when it isn't known what became of writes. */
  readonly onDoubt: () => void;
}

/** Patience asked of readers by a writer they have fenced once; doubled each time. */
const GRACE_MS = 100;
const MAX_GRACE_MS = 5_000;
/** How often a write takes a new revision before it gives up. */
const MAX_REVISIONS = 20;

/** A member under its revision; without a draft, a revision that is to become a noop. */
interface Slot<T> {
  readonly revision: number;
  readonly allocatedAt: number;
  member: Member<T> | undefined;
  draft: Draft<T> | undefined;
  /** What the member's write is, also once it is no longer to be written: it may have been already. */
  change?: Change<T> | undefined;
  /** What the member is told once its revision is a noop. */
  verdict?: (() => void) | undefined;
}

export class Committer<T> {
  readonly #options: CommitterOptions<T>;
  readonly #queue: CommitQueue<T>;
  readonly #inFlight = new Set<number>();
  #running = false;

  constructor(options: CommitterOptions<T>) {
    this.#options = options;
    const { partBytes, alone } = options.context.protocol;
    this.#queue = new CommitQueue(partBytes, alone ? 1 : 0);
  }

  /** Writes `intent` if what it replaces still stands there. Throws StorageError. */
  async commit(intent: Intent<T>): Promise<Outcome<T>> {
    const { config, ledger } = this.#options.context;
    const growth = growthOf(intent);
    const admitted =
      ledger !== undefined && (growth.objects > 0 || growth.bytes > 0)
        ? await ledger.admit(config.resourcePrefix, growth)
        : undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#queue.add({ intent, resolve, reject, fenced: 0 });
        if (!this.#running) void this.#run();
      });
    } finally {
      admitted?.();
    }
  }

  isInFlight(revision: number): boolean {
    return this.#inFlight.has(revision);
  }

  async #run(): Promise<void> {
    this.#running = true;
    // What is asked for in the same breath leaves together.
    await Promise.resolve();
    while (this.#queue.size > 0) {
      const members = this.#queue.takeBatch();
      try {
        await this.#commitBatch(members);
      } catch (error) {
        for (const member of members) member.reject(storageError(error));
      }
    }
    this.#running = false;
  }

  async #commitBatch(members: readonly Member<T>[]): Promise<void> {
    if (this.#options.context.protocol.alone) return await this.#commitAlone(members);
    const fenced = highest(members.map((member) => member.fenced));
    const grace = fenced === 0 ? undefined : Math.min(GRACE_MS * 2 ** (fenced - 1), MAX_GRACE_MS);
    const head = await this.#options.sequencer.allocate(members.length, grace);
    // Beside the transaction, so that nobody waits for it longer than for that: who hears it too early looks again.
    const hinted = this.#options.context.hints?.leave(head.next);
    await this.#commitUnder(head, members, (slots) => this.#settle(slots, hinted));
  }

  /**
   * Where nobody else takes revisions: one transaction takes them and writes under them. Whatever keeps it from that,
   * the revisions are taken as everybody takes them. From then on it can't go through any more, so that either it did,
   * or they are these members' alone.
   */
  async #commitAlone(members: readonly Member<T>[]): Promise<void> {
    const { sequencer, onDoubt } = this.#options;
    const claim = await sequencer.claim(members.length);
    await this.#commitUnder(claim, members, async (slots) => {
      if (await this.#transactAll(slots, claim)) return;
      let head: Head;
      try {
        head = await sequencer.allocate(members.length);
      } catch (error) {
        onDoubt();
        throw error;
      }
      if (head.from === claim.from) return await this.#settle(slots);
      await this.#fillAll(members.map((_, index) => slotUnder<T>(head, index)));
      await this.#readAll(slots);
    });
  }

  async #transactAll(slots: readonly Slot<T>[], claim: Claim): Promise<boolean> {
    const { table, protocol } = this.#options.context;
    const writes = slots.map(({ draft }) => draft?.writes);
    if (writes.includes(undefined)) return false;
    try {
      const all = [...(writes as (readonly Write[])[]).flat(), { claim }];
      await table.transact(all, { notAfter: claim.at + protocol.maxHoldMs });
    } catch (error) {
      if (isTableError(error)) return false;
      throw error;
    }
    this.#options.sequencer.claimed(claim);
    if (this.#options.context.ledger !== undefined) await this.#count(changesOf(slots));
    this.#succeed(slots);
    return true;
  }

  /** Drafts each member's write under its revision, for `work` to see to. */
  async #commitUnder(
    head: Pick<Head, 'from' | 'at'>,
    members: readonly Member<T>[],
    work: (slots: Slot<T>[]) => Promise<void>,
  ): Promise<void> {
    const slots = members.map((member, index) => slotUnder<T>(head, index, member));
    for (const { revision } of slots) this.#inFlight.add(revision);
    try {
      await Promise.all(slots.map((slot) => this.#draft(slot)));
      await work(slots);
    } finally {
      for (const { revision } of slots) this.#inFlight.delete(revision);
    }
  }

  async #draft(slot: Slot<T>): Promise<void> {
    try {
      slot.draft = await draft(this.#options.context, slot.member!.intent, slot);
      slot.change = slot.draft.change;
    } catch (error) {
      this.#drop(slot, (member) => member.reject(storageError(error)));
    }
  }

  /**
   * Sees to it that each slot's revision is decided, and tells each member, once others are told of them by `hinted`: a
   * process may be frozen as soon as its members have their answers.
   */
  async #settle(slots: Slot<T>[], hinted?: Promise<void>): Promise<void> {
    const { clock, protocol, table } = this.#options.context;
    const start = clock.monotonic();
    let open = slots;
    for (let attempt = 0; open.length > 0; attempt++) {
      if (open.every((slot) => slot.draft === undefined)) return await this.#fillAll(open);
      const writes = open.map((slot) => this.#writes(slot));
      try {
        await table.transact(writes.flat(), { notAfter: open[0]!.allocatedAt + protocol.maxHoldMs });
        await Promise.all([hinted, this.#count(changesOf(open))]);
        return this.#succeed(open);
      } catch (error) {
        if (!isTableError(error)) throw error;
        if (error.kind === 'TooLate') {
          for (const slot of open) this.#requeue(slot);
        } else if (refused(error) && open.length > 1) {
          // One of them is what DynamoDB won't take: alone, each gets its own answer.
          for (const slot of open) await this.#settle([slot], hinted);
          return;
        } else if (refused(error)) {
          return await this.#giveUp(open, error);
        } else if (error.kind === 'Canceled') {
          open = await this.#examine(open, error, writes);
        } else if (!mayRetry(error.kind, clock.monotonic() - start, protocol)) {
          return await this.#giveUp(open, error);
        }
        // What was cancelled for conditions alone is free to go on at once.
        const waits =
          error.kind !== 'Canceled' ||
          error.reasons.some(({ kind }) => kind === 'Conflict' || kind === 'Throttled');
        if (waits) await clock.sleep(backoff(clock, attempt));
        if (clock.monotonic() - start >= protocol.retryMs) return await this.#giveUp(open, error);
      }
    }
  }

  #writes(slot: Slot<T>): readonly Write[] {
    return slot.draft?.writes ?? [this.#options.log.fillWrite(slot.revision, 'noop', slot.allocatedAt)];
  }

  /** Takes what a cancelled transaction tells; returns the slots that are still undecided. */
  async #examine(
    slots: Slot<T>[],
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
        entry: failure(reasons[entryAt]),
        object: objectAt === undefined ? undefined : failure(reasons[objectAt]),
      };
    });
    // An earlier attempt, whose answer was lost, went through; if it did so for one, it did for all.
    if (told.some(({ entry }) => isOwn(this.#options.context, entry?.item)))
      return await this.#readAll(slots);
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
    const key = slot.member!.intent.key;
    const row = item === undefined ? undefined : await this.#options.rows.decode(item);
    const superseded = item !== undefined && row === undefined;
    const current = superseded ? await this.#options.rows.read(key) : row;
    if (slot.member!.intent.before === undefined && current?.state === undefined) this.#requeue(slot);
    else this.#drop(slot, (member) => member.resolve({ conflict: current }));
  }

  /** Each slot's fate, from its entry: a transaction of theirs went through, and all of it is there or will be. */
  async #readAll(slots: Slot<T>[]): Promise<Slot<T>[]> {
    const fates = await Promise.all(
      slots.map((slot) => this.#options.log.fill(slot.revision, 'noop', slot.allocatedAt)),
    );
    // Others' are there where this process is not as alone as it took itself to be, and its predecessor's last.
    const committed = fates.filter(
      ({ writer, kind }) => writer === this.#options.context.writer && (kind === 'put' || kind === 'delete'),
    );
    await this.#count(committed);
    this.#tell(committed, false);
    for (const [index, slot] of slots.entries()) {
      const fate = fates[index]!;
      // Under the same revision this process may have written before, and not heard that it did.
      if (committed.includes(fate) && isSameChange(fate, slot.change)) slot.member?.resolve({ change: fate });
      else this.#lose(slot);
    }
    return [];
  }

  /** Before the writers have their answers: a process may be frozen then. */
  async #count(changes: readonly Change<T>[]): Promise<void> {
    const { ledger } = this.#options.context;
    if (ledger !== undefined) await ledger.count(changes.map(holdingOf).reduce(sumOfHoldings, NO_HOLDING));
  }

  #succeed(slots: readonly Slot<T>[]): void {
    this.#tell(
      slots.map(
        ({ draft, revision, allocatedAt }) =>
          draft?.change ?? { revision, kind: 'noop', key: '', allocatedAt },
      ),
      true,
    );
    for (const { draft, member, verdict } of slots) {
      if (draft !== undefined) member?.resolve({ change: draft.change });
      else verdict?.();
    }
  }

  #tell(changes: readonly Change<T>[], acknowledged: boolean): void {
    this.#options.onCommitted(changes, acknowledged);
    this.#queue.outdate(changes);
  }

  /** Fills revisions that nothing will be written under. */
  async #fillAll(slots: readonly Slot<T>[]): Promise<void> {
    const { log, onCommitted } = this.#options;
    await Promise.all(
      slots.map(async (slot) => {
        const fate = await log.fill(slot.revision, 'noop', slot.allocatedAt);
        const isOurs = fate.writer === this.#options.context.writer;
        if (isOurs && (fate.kind === 'put' || fate.kind === 'delete')) await this.#count([fate]);
        onCommitted([fate], false);
        if (fate.kind === 'put' || fate.kind === 'delete') slot.member?.resolve({ change: fate });
        else slot.verdict?.();
      }),
    );
  }

  /** The slot's revision is another's noop: its member needs a new one, unless it has its answer. */
  #lose(slot: Slot<T>): void {
    if (slot.draft === undefined) slot.verdict?.();
    else this.#again(slot.member!);
  }

  /** No longer writes the member under this revision, and tells it so once that is sure. */
  #drop(slot: Slot<T>, verdict: (member: Member<T>) => void): void {
    slot.draft = undefined;
    slot.verdict = () => verdict(slot.member!);
  }

  /** Gives the member another revision once this one is a noop. */
  #requeue(slot: Slot<T>): void {
    if (slot.draft !== undefined) this.#drop(slot, (member) => this.#again(member));
  }

  #again(member: Member<T>): void {
    member.fenced++;
    if (member.fenced < MAX_REVISIONS) this.#queue.addFirst(member);
    else
      member.reject(
        storageError(
          new TableError(
            'Conflict',
            `${member.intent.key} could not be written under ${MAX_REVISIONS} revisions`,
          ),
        ),
      );
  }

  /** Makes sure of each slot's fate before its member hears of a failure. */
  async #giveUp(slots: readonly Slot<T>[], error: TableError): Promise<void> {
    for (const slot of slots) {
      if (slot.draft !== undefined) this.#drop(slot, (member) => member.reject(storageError(error)));
    }
    try {
      await this.#fillAll(slots);
    } catch {
      // Whether they took effect shows when a reader comes by: their writers hear of the first failure.
      this.#options.onDoubt();
      for (const { verdict } of slots) verdict?.();
    }
  }
}

const changesOf = <T>(slots: readonly Slot<T>[]): Change<T>[] =>
  slots.flatMap(({ draft }) => draft?.change ?? []);

/** Whether two changes leave the same behind. */
function isSameChange<T>(one: Change<T>, other: Change<T> | undefined): boolean {
  if (one.key !== other?.key || one.kind !== other.kind) return false;
  const [mine, theirs] = [one.after?.bytes, other.after?.bytes];
  return mine === undefined || theirs === undefined ? mine === theirs : Buffer.compare(mine, theirs) === 0;
}

/** By what it would make the store grow. */
function growthOf<T>({ before, bytes }: Intent<T>): Holding {
  return {
    objects: Number(bytes !== undefined) - Number(before !== undefined),
    bytes: (bytes?.length ?? 0) - (before?.bytes.length ?? 0),
  };
}

/** By what it made the store grow. */
function holdingOf<T>({ before, after }: Change<T>): Holding {
  return {
    objects: Number(after !== undefined) - Number(before !== undefined),
    bytes: (after?.bytes.length ?? 0) - (before?.bytes.length ?? 0),
  };
}

/** The `index`-th of the revisions taken. */
function slotUnder<T>({ from, at }: Pick<Head, 'from' | 'at'>, index: number, member?: Member<T>): Slot<T> {
  return { revision: from + 1 + index, allocatedAt: at, member, draft: undefined };
}

/** Whether DynamoDB will never take this request, or one of its writes. */
function refused({ kind, reasons }: TableError): boolean {
  return (
    kind === 'TooLarge' ||
    kind === 'Refused' ||
    reasons.some((reason) => reason.kind === 'TooLarge' || reason.kind === 'Other')
  );
}

function failure(reason: CancellationReason | undefined): CancellationReason | undefined {
  return reason?.kind === 'ConditionFailed' ? reason : undefined;
}
