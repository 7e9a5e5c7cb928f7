/**
 * Group commit: writes of one process to one resource that arrive while a commit is in flight are committed together,
 * under revisions taken in one call, in one transaction.
 *
 * 1. `CommitQueue` returns a batch of members, one per key.
 * 2. The sequencer takes a revision for each: a `Slot`.
 * 3. Each slot drafts its member's write, which depends on its revision.
 * 4. `Settler` sends the transaction, and retries, until each revision is decided: the member's write, or a noop.
 */

import { highest } from '../../util/extremes.ts';
import { SparseMap } from '../../util/sparse-map.ts';
import type { StorageError } from '../errors.ts';
import { growthBetween } from '../storage-ledger.ts';
import { CommitQueue, type Member, type Outcome } from './commit-queue.ts';
import { type Claim, isTableError, type Write } from './dynamodb-table.ts';
import type { Head } from './heads.ts';
import type { Intent } from './intent.ts';
import { storageError } from './retry.ts';
import type { Sequencer } from './sequencer.ts';
import { Settler, type SettlerOptions } from './settler.ts';
import { Slot } from './slot.ts';

/** Patience requested from readers for a writer they have fenced once; doubled with each fence. */
const GRACE_MS = 100;
const MAX_GRACE_MS = 5_000;

export interface CommitterOptions<T> extends SettlerOptions<T> {
  readonly sequencer: Sequencer<T>;
  /** Whether the resource is known as of the revision `at`, and the object's state there is what `intent` replaces. */
  readonly isKnown: (intent: Intent<T>, at: number) => boolean;
}

/** Waits for a revision that is skipped. */
interface Passer {
  readonly resolve: () => void;
  readonly reject: (error: StorageError) => void;
}

export class Committer<T> {
  readonly #options: CommitterOptions<T>;
  readonly #queue: CommitQueue<T>;
  readonly #settler: Settler<T>;
  readonly #inFlight = new SparseMap<number, undefined>();
  #passers: Passer[] = [];
  #running = false;

  constructor(options: CommitterOptions<T>) {
    this.#options = options;
    const { partBytes, alone } = options.context.protocol;
    this.#queue = new CommitQueue(partBytes, alone ? 1 : 0);
    this.#settler = new Settler(options, this.#queue);
  }

  /** Writes `intent` if the state it replaces is still current. Throws StorageError. */
  async commit(intent: Intent<T>): Promise<Outcome<T>> {
    const { config, ledger } = this.#options.context;
    const growth = growthBetween(intent.before?.size, intent.bytes?.length);
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

  /** Takes a revision and writes nothing under it, so that later reads have a higher revision. Throws StorageError. */
  passOver(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#passers.push({ resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  get isIdle(): boolean {
    return !this.#running;
  }

  isInFlight(revision: number): boolean {
    return this.#inFlight.has(revision);
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Waits a microtask, so that requests of the same turn are committed together.
    await Promise.resolve();
    while (this.#queue.size > 0 || this.#passers.length > 0) {
      await this.#pass();
      const members = this.#queue.takeBatch();
      if (members.length === 0) continue;
      try {
        await this.#commitBatch(members);
      } catch (error) {
        for (const member of members) member.reject(storageError(error));
      }
      if (this.#queue.size === 0) this.#options.sequencer.publishDecided();
    }
    this.#running = false;
  }

  /** Takes one revision for all waiters. */
  async #pass(): Promise<void> {
    while (this.#passers.length > 0) {
      const passers = this.#passers.splice(0);
      try {
        const head = await this.#options.sequencer.allocate(1);
        await this.#settler.fill([new Slot<T>(head, 0)]);
        for (const { resolve } of passers) resolve();
      } catch (error) {
        for (const { reject } of passers) reject(storageError(error));
      }
    }
  }

  async #commitBatch(members: readonly Member<T>[]): Promise<void> {
    if (this.#options.context.protocol.alone) return await this.#commitAsSoleWriter(members);
    const fenced = highest(members.map((member) => member.fenced));
    const grace = fenced === 0 ? undefined : Math.min(GRACE_MS * 2 ** (fenced - 1), MAX_GRACE_MS);
    const head = await this.#options.sequencer.allocate(members.length, grace);
    // In parallel with the transaction, so that it adds little latency; a reader that receives the hint too early polls
    // again.
    const hinted = this.#options.context.hints?.publish(head.next);
    await this.#commitUnder(head, members, async (slots) => {
      if (await this.#settler.settle(slots, hinted)) this.#options.sequencer.decided(head);
    });
  }

  /**
   * For the only writer of the table: takes the revisions and writes under them in one transaction. If that fails for
   * any reason, takes revisions the usual way. From then on the first transaction can't succeed any more, so either it
   * did, or its revisions belong to these members alone.
   */
  async #commitAsSoleWriter(members: readonly Member<T>[]): Promise<void> {
    const { sequencer, onUnknownOutcome } = this.#options;
    const claim = await sequencer.claim(members.length);
    await this.#commitUnder(claim, members, async (slots) => {
      if (await this.#transactAll(slots, claim)) return;
      let head: Head;
      try {
        head = await sequencer.allocate(members.length);
      } catch (error) {
        onUnknownOutcome();
        throw error;
      }
      if (head.from === claim.from) {
        await this.#settler.settle(slots);
        return;
      }
      await this.#settler.fill(members.map((_, index) => new Slot<T>(head, index)));
      await this.#settler.settleFromLog(slots);
    });
  }

  /**
   * Whether one transaction took the revisions and wrote under them; false: unknown, since its response may have been
   * lost.
   */
  async #transactAll(slots: readonly Slot<T>[], claim: Claim): Promise<boolean> {
    const { table, protocol } = this.#options.context;
    const writes = slots.map(({ draft }) => draft?.writes);
    if (writes.includes(undefined)) return false;
    try {
      const all = [...(writes as (readonly Write[])[]).flat(), { claim }];
      const isProven = slots.every(({ member }) => this.#options.isKnown(member!.intent, claim.from));
      await table.transact(all, { notAfter: claim.at + protocol.maxHoldMs, isProven });
    } catch (error) {
      if (isTableError(error)) return false;
      throw error;
    }
    this.#options.sequencer.claimed(claim);
    await this.#settler.succeed(slots);
    return true;
  }

  /** Drafts each member's write under its revision and runs `work` with the slots. */
  async #commitUnder(
    head: Pick<Head, 'from' | 'at'>,
    members: readonly Member<T>[],
    work: (slots: Slot<T>[]) => Promise<void>,
  ): Promise<void> {
    const slots = members.map((member, index) => new Slot(head, index, member));
    for (const { revision } of slots) this.#inFlight.set(revision, undefined);
    try {
      await Promise.all(slots.map((slot) => slot.makeDraft(this.#options.context)));
      await work(slots);
    } finally {
      for (const { revision } of slots) this.#inFlight.delete(revision);
    }
  }
}
