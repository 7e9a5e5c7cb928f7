/**
 * The end of a resource's log as one process follows it: every revision up to `position` is decided and known, the
 * latest of them are at hand, and whoever needs to be current shares one read with all who need the same.
 */

import { StorageError } from '../errors.ts';
import type { ResourceContext } from './layout.ts';
import { storageError } from './retry.ts';
import type { Change, RevisionLog } from './revision-log.ts';
import type { Head, Sequencer } from './sequencer.ts';

/** Published only in steps, so that it costs a write now and then. */
const RESOLVED_STEP = 256;
/** How many holes are filled at once. */
const FILLS_AT_ONCE = 32;
/** A writer needs two calls, one of them a transaction, and may have to try again: so many times a read's time. */
const PATIENCE_READS = 8;
const MAX_PATIENCE_MS = 1_000;

export interface LogTailOptions<T> {
  readonly context: ResourceContext<T>;
  readonly log: RevisionLog<T>;
  readonly sequencer: Sequencer<T>;
  /** Bytes of changes kept at hand for watchers. */
  readonly windowBytes: number;
  /** Whether this process itself is about to write a revision. */
  readonly isInFlight: (revision: number) => boolean;
  /** Called with each change, in order. */
  readonly onChange: (change: Change<T>) => void;
  /** Called when what is known no longer leads to what follows. */
  readonly onReset: () => void;
}

interface Waiter {
  readonly until: number;
  readonly resolve: () => void;
  readonly reject: (error: StorageError) => void;
}

export class LogTail<T> {
  readonly #options: LogTailOptions<T>;
  /** 0: not opened. */
  #position = 0;
  /** Known revisions above a hole. */
  readonly #early = new Map<number, Change<T>>();
  /** Writes and breaks in (#windowStart, #position]. */
  #window: Change<T>[] = [];
  #windowStart = Number.POSITIVE_INFINITY;
  #windowBytes = 0;
  readonly #pins = new Set<{ readonly revision: number }>();
  /** No later than the moment the revision after `#position` was taken. */
  #bound = 0;
  /** A revision that this process has seen the effect of. */
  #floor = 0;
  /** At this moment nothing above `#position` was committed; what is since then, is not yet gone. */
  #readAt = 0;
  /** When this process first saw the revisions up to each position. */
  #sightings: { position: number; bound: number; at: number }[] = [];
  #settled = { position: 0, bound: 0 };
  #published = 0;
  #distrusted = false;
  #closed = false;
  /** The newest change of each key that another reader may not see yet. */
  readonly #recent = new Map<string, { change: Change<T>; at: number; readAt: number }>();
  readonly #waiters = new Set<Waiter>();
  /** What a read takes, of late. */
  #readMs = 0;
  #polling = false;
  #poke = new AbortController();
  #current: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(options: LogTailOptions<T>) {
    this.#options = options;
  }

  /** Every revision up to here is known; 0 before the first `sync`. */
  get position(): number {
    return this.#position;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Milliseconds since `position` was last known to be current. */
  get age(): number {
    if (this.#isCurrentAlone()) return 0;
    return this.#options.context.clock.now() - this.#readAt;
  }

  /** Every revision up to here is visible to any consistent read. */
  get settled(): number {
    const { clock, protocol } = this.#options.context;
    const seenBefore = clock.monotonic() - protocol.settleMs;
    while (this.#sightings[0] !== undefined && this.#sightings[0].at <= seenBefore) {
      this.#settle(this.#sightings.shift()!);
    }
    return this.#settled.position;
  }

  /**
   * Brings `position` up to at least every revision that was committed before the call. Callers that come while a
   * read is under way share the next one.
   */
  sync(): Promise<void> {
    if (this.#isCurrentAlone()) return Promise.resolve();
    this.#next ??= this.#runNext();
    return this.#next;
  }

  /** Every write was this process's own, and all that was acknowledged is here in order. */
  #isCurrentAlone(): boolean {
    const { alone } = this.#options.context.protocol;
    return alone && this.#position > 0 && this.#early.size === 0 && !this.#distrusted;
  }

  async open(): Promise<void> {
    if (this.#position === 0) await this.sync();
  }

  /** Waits for `revision`, which a client has heard of. Throws TooLargeResourceVersion. */
  async reach(revision: number): Promise<void> {
    const { clock, protocol } = this.#options.context;
    const start = clock.monotonic();
    await this.open();
    for (let attempt = 0; this.#position < revision; attempt++) {
      await this.sync();
      if (this.#position >= revision) return;
      if (clock.monotonic() - start >= protocol.freshnessMs) {
        throw new StorageError(
          'TooLargeResourceVersion',
          `Too large resource version: ${revision}, current: ${this.#position}`,
          { resourceVersion: this.#position, retryAfterSeconds: 1 },
        );
      }
      await clock.sleep(Math.min(10 * 2 ** attempt, 250));
    }
  }

  /** Tells that an object was seen at this revision: no later read of this process may be older. */
  raiseFloor(revision: number): void {
    this.#floor = Math.max(this.#floor, revision);
  }

  /** Changes that this process committed: known without a read. */
  committed(changes: readonly Change<T>[]): void {
    if (this.#position === 0) return;
    for (const change of changes) this.#insert(change);
    // When the last of these was taken, nothing above it was.
    const taken = changes.reduce((latest, { allocatedAt }) => Math.max(latest, allocatedAt), 0);
    this.#drain(taken);
    if (this.#early.size > 0) this.#poke.abort();
    // Nobody reads: what is behind a hole of another process is read again when somebody does.
    if (this.#early.size > 1_000 && this.#waiters.size === 0) this.#early.clear();
  }

  /** The newest change of `key` if it is so new that a read of the object made from now on may miss it. */
  recent(key: string): Change<T> | undefined {
    const { clock, protocol } = this.#options.context;
    const seen = this.#recent.get(key);
    // Not after a long freeze: of a key deleted since, even the tombstone may be gone.
    const valid = seen !== undefined && clock.now() - seen.readAt < protocol.tombstoneKeptMs / 2;
    return valid && seen.at > clock.monotonic() - protocol.settleMs ? seen.change : undefined;
  }

  /**
   * Every write in (`after`, `through`], in order, in pages. Throws Expired where the log no longer has them all,
   * or the first of them is older than the log is served for. A break is an end too, unless what came before it
   * doesn't matter.
   */
  async *history(
    after: number,
    through: number,
    { acrossBreaks = false }: { readonly acrossBreaks?: boolean } = {},
  ): AsyncGenerator<readonly Change<T>[]> {
    const { context, log } = this.#options;
    let first = true;
    for (let cursor = after; cursor < through; ) {
      if (cursor >= this.#windowStart && through <= this.#position) {
        const changes = this.#slice(cursor, through);
        if (!acrossBreaks && changes.some(isBreak)) throw expired();
        yield changes.filter(isWrite);
        return;
      }
      const { changes } = await log.readAfter(cursor, { consistent: true });
      const writes: Change<T>[] = [];
      const start = cursor;
      for (const change of changes) {
        if (change.revision > through) break;
        if (change.revision !== cursor + 1 || (isBreak(change) && !acrossBreaks)) throw expired();
        cursor = change.revision;
        if (!isWrite(change)) continue;
        if (first && change.allocatedAt < context.clock.now() - context.protocol.retentionMs) throw expired();
        first = false;
        writes.push(change);
      }
      if (cursor === start) throw expired();
      yield writes;
    }
  }

  /** The writes at hand above `cursor`, all of them; undefined: not all are at hand. Throws Expired at a break. */
  atHand(cursor: number): readonly Change<T>[] | undefined {
    if (cursor < this.#windowStart) return undefined;
    const changes = this.#slice(cursor, this.#position);
    if (changes.some(isBreak)) throw expired();
    return changes;
  }

  /** Keeps changes above `revision` at hand until released. */
  pin(revision: number): () => void {
    const pin = { revision };
    this.#pins.add(pin);
    return () => this.#pins.delete(pin);
  }

  /** Tells that everything up to `revision` was found to be visible. */
  prove(revision: number): void {
    while (this.#sightings[0] !== undefined && this.#sightings[0].position <= revision) {
      this.#settle(this.#sightings.shift()!);
    }
  }

  /** Resolves when `position` may have passed `cursor`, or after `ms`. Polls for as long as anybody waits. */
  wait(cursor: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#position > cursor || signal.aborted || this.#closed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = () => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const waiter: Waiter = {
        until: this.#options.context.clock.monotonic() + ms,
        resolve: finish,
        reject: (error) => {
          signal.removeEventListener('abort', finish);
          reject(error);
        },
      };
      signal.addEventListener('abort', finish);
      this.#waiters.add(waiter);
      if (!this.#polling) void this.#poll();
    });
  }

  /** Asks that all that is at hand be read anew: some of it could not be decoded. */
  distrust(): void {
    this.#distrusted = true;
  }

  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters) waiter.resolve();
    this.#poke.abort();
  }

  async #runNext(): Promise<void> {
    await this.#current?.catch(() => {});
    const run = this.#next;
    this.#current = run;
    this.#next = undefined;
    try {
      await this.#syncOnce();
    } finally {
      if (this.#current === run) this.#current = undefined;
    }
  }

  async #syncOnce(): Promise<void> {
    if (this.#outdated()) await this.#open();
    else await this.#pull(true);
    await this.#closeHoles(this.#highest());
    await this.#publish();
  }

  async #open(): Promise<void> {
    const { context, log, sequencer } = this.#options;
    const readAt = context.clock.now();
    const head = await sequencer.read();
    const deadBefore = context.clock.now() - context.protocol.deadAfterMs;
    let base = { position: head.resolved, bound: head.resolvedAt };
    let changes: Change<T>[] = [];
    if (head.at < deadBefore) {
      base = { position: head.next, bound: head.at };
    } else {
      // Back to a write so old that every revision before it is decided: what stood there may be gone.
      const old = (change: Change<T>) => isWrite(change) && change.allocatedAt < deadBefore;
      changes = await log.readNewest(head.resolved, old);
      for (const { revision, allocatedAt } of changes.filter(old)) {
        base = { position: revision, bound: Math.max(base.bound, allocatedAt) };
      }
    }
    // All at once: until here, others went on with what was.
    if (this.#position > 0) this.#options.onReset();
    this.#distrusted = false;
    this.#early.clear();
    this.#window = [];
    this.#windowBytes = 0;
    this.#windowStart = base.position;
    this.#sightings = [];
    this.#recent.clear();
    this.#position = base.position;
    this.#bound = base.bound;
    this.#settled = base;
    this.#published = head.resolved;
    this.#readAt = readAt;
    for (const change of changes) this.#insert(change);
    this.#drain(readAt);
  }

  async #pull(consistent: boolean): Promise<void> {
    const { context, log } = this.#options;
    const readAt = context.clock.now();
    for (let after = this.#position; ; ) {
      const asked = context.clock.monotonic();
      const { changes, through } = await log.readAfter(after, {
        consistent,
        known: (revision) => revision <= this.#position || this.#early.has(revision),
      });
      this.#readMs += (context.clock.monotonic() - asked - this.#readMs) * 0.2;
      for (const change of changes) this.#insert(change);
      this.#drain(readAt);
      if (through === Number.POSITIVE_INFINITY) break;
      after = Math.max(through, this.#position);
    }
    this.#readAt = readAt;
  }

  #insert(change: Change<T>): void {
    if (change.revision > this.#position) this.#early.set(change.revision, change);
  }

  /** Takes what follows `position`; `readAt`: when the last of it was asked for. */
  #drain(readAt: number): void {
    const { clock, protocol } = this.#options.context;
    const start = this.#position;
    const at = clock.monotonic();
    for (;;) {
      const change = this.#early.get(this.#position + 1);
      if (change === undefined) break;
      this.#early.delete(change.revision);
      this.#position = change.revision;
      this.#bound = Math.max(this.#bound, change.allocatedAt);
      if (change.kind !== 'noop') {
        this.#window.push(change);
        this.#windowBytes += sizeOf(change);
      }
      if (isWrite(change)) {
        this.#recent.delete(change.key);
        this.#recent.set(change.key, { change, at, readAt });
      }
      this.#options.onChange(change);
    }
    if (this.#position === start) return;
    this.#readAt = Math.max(this.#readAt, readAt);
    this.#sightings.push({ position: this.#position, bound: this.#bound, at });
    if (this.#sightings.length > 1_000) void this.settled;
    for (const [key, { at: seen }] of this.#recent) {
      if (seen > at - protocol.settleMs) break;
      this.#recent.delete(key);
    }
    this.#trim();
    for (const waiter of this.#waiters) waiter.resolve();
  }

  #trim(): void {
    if (this.#windowBytes <= this.#options.windowBytes) return;
    const pinned = Math.min(...[...this.#pins].map((pin) => pin.revision));
    let dropped = 0;
    // Down to three quarters, so that a full window isn't shifted with each change.
    while (dropped < this.#window.length && this.#windowBytes > this.#options.windowBytes * 0.75) {
      const change = this.#window[dropped]!;
      if (change.revision > pinned) break;
      this.#windowBytes -= sizeOf(change);
      this.#windowStart = change.revision;
      dropped++;
    }
    this.#window.splice(0, dropped);
  }

  #slice(after: number, through: number): readonly Change<T>[] {
    let low = 0;
    for (let high = this.#window.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (this.#window[middle]!.revision > after) high = middle;
      else low = middle + 1;
    }
    let end = this.#window.length;
    while (end > low && this.#window[end - 1]!.revision > through) end--;
    return this.#window.slice(low, end);
  }

  /** Waits for the holes up to `target`, and fills those that outlast the patience. */
  async #closeHoles(target: number): Promise<void> {
    const { clock } = this.#options.context;
    const start = clock.monotonic();
    let head: Head | undefined;
    for (let attempt = 0; this.#position < target; attempt++) {
      const elapsed = clock.monotonic() - start;
      const holes = this.#holes(target);
      if (elapsed >= this.#basePatience()) {
        head ??= await this.#options.sequencer.read();
        const ripe = holes.filter((hole) => elapsed >= this.#patience(hole, head!)).slice(0, FILLS_AT_ONCE);
        const filled = await Promise.all(ripe.map((hole) => this.#fill(hole, head!)));
        for (const change of filled) this.#insert(change);
        this.#drain(this.#readAt);
        if (ripe.length > 0) continue;
      }
      await clock.sleep(Math.min(5 * 2 ** attempt, 20));
      await this.#pull(true);
    }
  }

  /** Whether what follows `position` can't be read any more: after so long a pause it may have expired unseen. */
  #outdated(): boolean {
    return this.#position === 0 || this.#distrusted || this.age > this.#options.context.protocol.youngMs;
  }

  /** The highest revision that this process has heard of. */
  #highest(): number {
    let highest = this.#floor;
    for (const revision of this.#early.keys()) highest = Math.max(highest, revision);
    return highest;
  }

  #holes(target: number): number[] {
    const holes: number[] = [];
    for (let revision = this.#position + 1; revision <= target && holes.length < 1_000; revision++) {
      if (!this.#early.has(revision)) holes.push(revision);
    }
    return holes;
  }

  /** Where reads are slow, so are writers. */
  #basePatience(): number {
    const { holePatienceMs } = this.#options.context.protocol;
    return Math.max(holePatienceMs, Math.min(this.#readMs * PATIENCE_READS, MAX_PATIENCE_MS));
  }

  #patience(hole: number, head: Head): number {
    if (this.#options.isInFlight(hole)) return this.#options.context.protocol.ownPatienceMs;
    return Math.max(this.#basePatience(), hole <= head.graceTo ? head.grace : 0);
  }

  async #fill(hole: number, head: Head): Promise<Change<T>> {
    const { context, log } = this.#options;
    // Revisions are taken in order: what is known of an earlier one's moment bounds this one's.
    let bound = this.#bound;
    if (hole > head.resolved) bound = Math.max(bound, head.resolvedAt);
    if (hole > head.from) bound = Math.max(bound, head.at);
    for (const { revision, allocatedAt } of this.#early.values()) {
      if (revision < hole) bound = Math.max(bound, allocatedAt);
    }
    const young = bound > context.clock.now() - context.protocol.youngMs;
    return await log.fill(hole, young ? 'noop' : 'break', bound);
  }

  #settle(to: { position: number; bound: number }): void {
    this.#settled = { position: to.position, bound: to.bound };
  }

  async #publish(): Promise<void> {
    const settled = this.settled;
    if (settled - this.#published < RESOLVED_STEP) return;
    await this.#options.sequencer.raiseResolved(settled, this.#settled.bound);
    this.#published = settled;
  }

  async #poll(): Promise<void> {
    const { clock, protocol } = this.#options.context;
    this.#polling = true;
    for (let pause = protocol.pollBusyMs; this.#waiters.size > 0; ) {
      await clock.sleep(pause, this.#poke.signal);
      if (this.#closed || this.#waiters.size === 0) break;
      if (this.#poke.signal.aborted) this.#poke = new AbortController();
      const before = this.#position;
      try {
        if (this.#outdated()) await this.sync();
        else if (!this.#isCurrentAlone()) await this.#pull(false);
        if (this.#early.size > 0) await this.sync();
        else await this.#publish();
      } catch (error) {
        for (const waiter of this.#waiters) waiter.reject(storageError(error));
        this.#waiters.clear();
        break;
      }
      pause = this.#position > before ? protocol.pollBusyMs : Math.min(pause * 1.5, protocol.pollIdleMs);
      const now = clock.monotonic();
      for (const waiter of this.#waiters) if (waiter.until <= now) waiter.resolve();
    }
    this.#polling = false;
  }
}

function isWrite<T>({ kind }: Change<T>): boolean {
  return kind === 'put' || kind === 'delete';
}

function isBreak<T>({ kind }: Change<T>): boolean {
  return kind === 'break';
}

function sizeOf<T>({ after, before }: Change<T>): number {
  return 500 + (after?.bytes.length ?? 0) + (before?.bytes.length ?? 0);
}

function expired(): StorageError {
  return new StorageError('Expired', 'The resourceVersion for the provided watch is too old.');
}
