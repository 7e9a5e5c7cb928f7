/**
 * The end of a resource's log as one process follows it: every revision up to `position` is decided and known, the
 * latest changes are in memory, and callers that need to be current share one read.
 */

import { highest } from '../../util/extremes.ts';
import { StorageError } from '../errors.ts';
import { ChangeOrder } from './change-order.ts';
import { ChangeWindow } from './change-window.ts';
import { FIRST_REVISION } from './dynamodb-table.ts';
import type { Head, ObservedHead } from './heads.ts';
import { Holes } from './holes.ts';
import type { ResourceContext } from './layout.ts';
import { LogFollower } from './log-follower.ts';
import { LogHistory } from './log-history.ts';
import { LogWaiters, type Waiter } from './log-waiters.ts';
import { ReadBarrier } from './read-barrier.ts';
import { ResolvedPublisher } from './resolved-publisher.ts';
import { type Change, isBreak, isWrite, type RevisionLog } from './revision-log.ts';
import type { Sequencer } from './sequencer.ts';
import type { Evidence } from './settler.ts';
import { type PrefetchedHead, type StartOfOpening, TailOpening } from './tail-opening.ts';
import { startOfTail } from './tail-start.ts';
import { type LogPoint, VisibilityTracker } from './visibility-tracker.ts';

/** Maximum number of holes filled concurrently. */
const FILLS_AT_ONCE = 32;
/** Maximum number of changes kept above a hole while there are no readers. */
const EARLY_KEPT = 1_000;
/** A process that wrote less than this share of a log's newest revisions leaves the reading to others. */
const LEAST_SHARE = 1 / 8;

export interface LogTailOptions<T> {
  readonly context: ResourceContext<T>;
  readonly log: RevisionLog<T>;
  readonly sequencer: Sequencer<T>;
  /** Bytes of changes kept in memory for watchers. */
  readonly windowBytes: number;
  /** Whether this process itself is about to write a revision. */
  readonly isInFlight: (revision: number) => boolean;
  /** Called with each change, in order. */
  readonly onChange: (change: Change<T>) => void;
  /** Called when the tail is reread and no longer continues from what was known. */
  readonly onReset: () => void;
  /** The log's head, prefetched before the tail was created. */
  readonly prefetched?: PrefetchedHead | undefined;
}

interface Beginning {
  /** Whether the log has to be opened: nothing is known of it, or nothing that can be continued. */
  readonly opens: boolean;
  /** The tail's generation, unless the tail is reread later. */
  readonly generation: number;
  /** Resolves when everything committed before the call is known, except for what `isBehind` reports. */
  readonly current: Promise<void>;
  /** Whether no revision had been taken when the log was opened: there are no objects but those in its changes. */
  readonly unwritten: boolean;
}

export class LogTail<T> {
  /** Access to past changes. */
  readonly history: LogHistory<T>;
  readonly #options: LogTailOptions<T>;
  readonly #window: ChangeWindow<T>;
  readonly #visibility: VisibilityTracker<T>;
  readonly #holes: Holes<T>;
  readonly #waiters: LogWaiters;
  readonly #barrier: ReadBarrier;
  readonly #publisher: ResolvedPublisher<T>;
  readonly #opening: TailOpening;
  readonly #order = new ChangeOrder<T>();
  readonly #follower: LogFollower;
  /** At this moment nothing above `position` was committed, and no entry written since has expired. */
  #readAt = 0;
  #generation = 0;
  #reads = 0;
  /** Changes that every consistent read sees. */
  readonly #visible = new WeakSet<Change<T>>();
  /** Number of times the known state was called in doubt, and how many of them the last full read has settled. */
  #invalidations = 0;
  #handledInvalidations = 0;
  /** Revisions up to here were taken so long ago that those still unknown will never be used. */
  #deadThrough = 0;

  constructor(options: LogTailOptions<T>) {
    this.#options = options;
    this.#window = new ChangeWindow(options.windowBytes);
    const { context, log } = options;
    this.history = new LogHistory({ context, log, window: this.#window, position: () => this.position });
    this.#follower = new LogFollower(options.context.protocol);
    this.#publisher = new ResolvedPublisher(options.context, options.sequencer);
    this.#visibility = new VisibilityTracker(options.context);
    this.#holes = new Holes(options);
    this.#barrier = new ReadBarrier(() => this.#sync());
    this.#opening = new TailOpening({
      clock: options.context.clock,
      readHead: () => options.sequencer.read(),
      cachedHead: (maxStalenessMs) =>
        options.context.heads.cached(options.context.config.resourcePrefix, maxStalenessMs),
      nextOrder: () => ++this.#reads,
      open: (start) => this.#open(start),
      prefetched: options.prefetched,
    });
    this.#waiters = new LogWaiters({
      clock: context.clock,
      protocol: context.protocol,
      hints: context.hints,
      position: () => this.position,
      poll: () => this.#poll(),
    });
  }

  /** Every revision up to here is known; 0 before the first `sync`. */
  get position(): number {
    return this.#order.position;
  }

  /** The highest revision that this process knows of, or whose effect it has seen. */
  get newestKnown(): number {
    return this.#order.seen;
  }

  /** Every revision up to here is visible to any consistent read. */
  get settled(): number {
    return this.#visibility.settled.position;
  }

  get closed(): boolean {
    return this.#waiters.closed;
  }

  /** Milliseconds since `position` was last known to be current. */
  get age(): number {
    return this.isCurrentAsSoleWriter ? 0 : this.#options.context.clock.now() - this.#readAt;
  }

  /** Whether this process is the only writer, and everything it has acknowledged or seen is here in order. */
  get isCurrentAsSoleWriter(): boolean {
    if (!this.#options.context.protocol.alone || this.position === 0 || this.#isInvalidated) return false;
    return !this.isBehind;
  }

  /** Advances `position` at least to every revision committed before the call. */
  sync(): Promise<void> {
    return this.isCurrentAsSoleWriter ? Promise.resolve() : this.#barrier.pass();
  }

  /** Advances `position` at least to every revision committed `maxStalenessMs` before the call. */
  async refresh(maxStalenessMs: number): Promise<void> {
    if (maxStalenessMs <= 0) return this.sync();
    if (this.age <= maxStalenessMs && !this.isBehind) return;
    if (!this.#outdated()) {
      const { config, heads } = this.#options.context;
      const seen = await heads.within(config.resourcePrefix, maxStalenessMs);
      if (seen !== undefined) {
        this.#publisher.observe(seen.head.resolved);
        if (!this.#outdated() && this.#isUpToDate(seen)) return;
        await this.sync();
        if (seen.head.at < seen.requestedAt - this.#options.context.protocol.deadAfterMs)
          this.#deadThrough = Math.max(this.#deadThrough, seen.head.next);
        return;
      }
    }
    await this.sync();
  }

  /** Whether everything was known when the head was read; if so, the tail is as recent as that. */
  #isUpToDate({ head, requestedAt }: ObservedHead): boolean {
    if (this.isBehind || head.next > Math.max(this.position, this.#deadThrough)) return false;
    this.#readAt = Math.max(this.#readAt, requestedAt);
    return true;
  }

  async open(): Promise<void> {
    if (this.#outdated()) await this.#opening.run();
  }

  /** Whether neither the log nor its head was read. */
  get isUnread(): boolean {
    return this.position === 0 && this.#opening.isUnused;
  }

  /** Prefetches for an opening that will be needed soon. */
  prefetch(): void {
    if (this.#outdated()) this.#opening.start(0);
  }

  /**
   * Starts a `sync`, and resolves when a read of objects may start in parallel: that read will find everything visible
   * up to the value `settled` had before the call, or if the log is reopened, up to its new `history.start`. Changes
   * committed since `maxStalenessMs` ago may be missing.
   */
  async begin(maxStalenessMs = 0): Promise<Beginning> {
    if (!this.#outdated()) {
      const current = this.refresh(maxStalenessMs);
      return { opens: false, generation: this.#generation, current, unwritten: false };
    }
    const reads = this.#reads;
    const generation = this.#generation + 1;
    const opening = this.#opening.run(maxStalenessMs);
    const current = opening.then((order) => (order > reads ? this.#publish() : this.refresh(maxStalenessMs)));
    current.catch(() => {});
    const { next } = await this.#opening.start(maxStalenessMs).head;
    return { opens: true, generation, current, unwritten: next === FIRST_REVISION };
  }

  /** Incremented when the known changes lose their continuity. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether this process knows of a higher revision than `position`. */
  get isBehind(): boolean {
    return this.#order.newestKnown > this.position;
  }

  /** Waits for `revision`, which a client has seen. Throws TooLargeResourceVersion. */
  async reach(revision: number): Promise<void> {
    const { clock, protocol } = this.#options.context;
    const start = clock.monotonic();
    await this.open();
    for (let attempt = 0; this.position < revision; attempt++) {
      await this.sync();
      if (this.position >= revision) return;
      if (clock.monotonic() - start >= protocol.freshnessMs) {
        throw new StorageError(
          'TooLargeResourceVersion',
          `Too large resource version: ${BigInt(revision)}, current: ${this.position}`,
          { resourceVersion: this.position, retryAfterSeconds: 1 },
        );
      }
      await clock.sleep(Math.min(10 * 2 ** attempt, 250));
    }
  }

  /** Records that an object was seen at this revision: no later read of this process may be older. */
  raiseFloor(revision: number): void {
    this.#order.raiseFloor(revision);
  }

  /** Adds changes that this process committed: they are known without a read. */
  committed(changes: readonly Change<T>[], evidence: Evidence): void {
    // A read of the log in flight may have started before these were written.
    for (const { revision } of changes) {
      this.raiseFloor(revision);
      this.#waiters.recordKnown(revision);
    }
    this.#follower.committed(changes.length);
    if (this.position === 0) {
      this.#follower.follow(async () => {
        if (this.#outdated()) await this.sync();
      });
      return;
    }
    if (evidence === 'acknowledged') for (const change of changes) this.#visible.add(change);
    // When the last of these was taken, nothing above it was.
    this.#take(
      changes,
      highest(
        changes.map(({ allocatedAt }) => allocatedAt),
        0,
      ),
    );
    this.#publish().catch(() => {});
    if (this.#order.earlyCount > 0) {
      this.#waiters.interrupt();
      this.#follower.follow(() => this.#pollBetween());
    }
    if (this.#order.earlyCount <= EARLY_KEPT || this.#waiters.size > 0) return;
    // No reader needs the content of the hole yet; the next one reads all of this again.
    this.#order.forgetEarly();
    this.invalidate();
  }

  /** The newest change of `key`, if it is so recent that a read of the object started now may miss it. */
  recent(key: string): Change<T> | undefined {
    return this.#visibility.recent(key);
  }

  /** Records that everything up to `revision` was found to be visible. */
  prove(revision: number): void {
    this.#visibility.prove(revision);
    if (this.#options.context.protocol.alone) this.#publish().catch(() => {});
  }

  /** Keeps changes above `revision` in memory until released. */
  pin(revision: number): () => void {
    return this.#window.pin(revision);
  }

  /** Waits until `position` may have passed `cursor`, at most `ms`; false: it has already, or the log is closed. */
  wait(waiter: Waiter, cursor: number, ms: number): boolean {
    return this.position <= cursor && this.#waiters.wait(waiter, ms);
  }

  /** Removes a waiter. */
  leave(waiter: Waiter): void {
    this.#waiters.leave(waiter);
  }

  /** Requests a full reread of the tail, because a change could not be decoded. */
  invalidate(): void {
    this.#invalidations++;
  }

  close(): void {
    this.#waiters.close();
  }

  get #isInvalidated(): boolean {
    return this.#invalidations > this.#handledInvalidations;
  }

  /**
   * Whether the changes after `position` can't be read any more: after a long pause, entries may have expired unseen.
   */
  #outdated(): boolean {
    return this.position === 0 || this.#isInvalidated || this.age > this.#options.context.protocol.youngMs;
  }

  async #sync(): Promise<void> {
    const reads = this.#reads;
    const isCurrent = this.#outdated() && (await this.#opening.run()) > reads;
    if (!isCurrent) await this.#pull({ consistent: true });
    await this.#closeHoles();
    await this.#publish();
  }

  /**
   * Polls once for other processes' writes. Eventually consistent and so cheap, since a missing entry merely looks like
   * a hole.
   */
  async #poll(): Promise<boolean> {
    const before = this.position;
    if (this.#outdated()) await this.sync();
    else if (!this.isCurrentAsSoleWriter) await this.#pull({ consistent: false });
    if (this.#order.earlyCount > 0) await this.sync();
    else await this.#publish();
    return this.position > before;
  }

  async #open(start: StartOfOpening): Promise<number> {
    const { clock } = this.#options.context;
    const invalidations = this.#invalidations;
    const head = await start.head;
    const asked = { at: clock.now(), order: ++this.#reads };
    const { base, published, changes } = await startOfTail(head, this.#options);
    const { at: readAt, order } =
      changes === undefined ? { at: start.requestedAt, order: start.order } : asked;
    // Replaced in one synchronous step: until here, others used the former state.
    if (this.position > 0) this.#options.onReset();
    this.#generation++;
    this.#handledInvalidations = invalidations;
    this.#order.reset(base);
    this.#window.reset(base.position);
    this.#visibility.reset(base);
    this.#publisher.reset(published);
    this.#readAt = readAt;
    this.#take(changes ?? [], readAt);
    return order;
  }

  async #pull({ consistent }: { readonly consistent: boolean }): Promise<void> {
    const { context, log } = this.#options;
    const readAt = context.clock.now();
    for (let after = this.position; ; ) {
      const asked = context.clock.monotonic();
      const { changes, through } = await log.readAfter(after, {
        consistent,
        known: (revision) => this.#order.isKnown(revision),
      });
      this.#holes.timed(context.clock.monotonic() - asked);
      const isLast = through === Number.POSITIVE_INFINITY;
      // Only the last page completes the read.
      this.#take(changes, isLast ? readAt : this.#readAt);
      if (isLast) break;
      after = Math.max(through, this.position);
    }
    // With an open hole, the read is not complete.
    if (this.#order.earlyCount === 0) this.#readAt = readAt;
  }

  /** Adds the changes that follow `position`, and keeps those above a hole. `readAt`: when `changes` were requested. */
  #take(changes: readonly Change<T>[], readAt: number): void {
    const writes: Change<T>[] = [];
    const start = this.position;
    let visible: LogPoint | undefined;
    let allVisible = true;
    for (const change of this.#order.take(changes)) {
      if (change.kind !== 'noop') this.#window.push(change);
      if (isWrite(change)) writes.push(change);
      if (isBreak(change)) this.#generation++;
      this.#options.onChange(change);
      allVisible &&= change.kind === 'noop' || this.#visible.has(change);
      if (allVisible) visible = this.#point;
    }
    if (this.position === start) return;
    if (this.#order.earlyCount === 0) this.#readAt = Math.max(this.#readAt, readAt);
    this.#visibility.record(this.#point, writes, { readAt, visible });
    this.#window.trim();
    this.#waiters.wake();
  }

  get #point(): LogPoint {
    return { position: this.#order.position, bound: this.#order.bound };
  }

  /** Waits for the holes below the highest revision known, and fills those that exceed the patience. */
  async #closeHoles(): Promise<void> {
    const { context, sequencer } = this.#options;
    const target = this.#order.newestKnown;
    const start = context.clock.monotonic();
    let head: Head | undefined;
    for (let attempt = 0; this.position < target; attempt++) {
      const elapsed = context.clock.monotonic() - start;
      if (elapsed >= this.#holes.waitMs) {
        head ??= await sequencer.read();
        if (await this.#fillHoles(target, elapsed, head)) continue;
      }
      await context.clock.sleep(Math.min(5 * 2 ** attempt, 20));
      await this.#pull({ consistent: true });
    }
  }

  async #fillHoles(target: number, elapsed: number, head: Head): Promise<boolean> {
    const fills: Promise<Change<T>>[] = [];
    for (const { revision, bound } of this.#order.holes(target)) {
      if (fills.length === FILLS_AT_ONCE) break;
      if (elapsed >= this.#holes.waitMsFor(revision, head))
        fills.push(this.#holes.fill(revision, head, bound));
    }
    this.#take(await Promise.all(fills), this.#readAt);
    return fills.length > 0;
  }

  #publish(): Promise<void> {
    return this.#publisher.publish(this.#visibility.settled);
  }

  /**
   * Reads other processes' writes between this process's own, if its own are not too few. In the background, so without
   * fencing.
   */
  async #pollBetween(): Promise<void> {
    const span = this.#order.newestKnown - this.position;
    if (this.#outdated() || this.#order.earlyCount < span * LEAST_SHARE) return;
    await this.#pull({ consistent: false });
    await this.#publish();
  }
}
