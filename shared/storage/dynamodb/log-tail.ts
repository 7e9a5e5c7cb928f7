/**
 * The end of a resource's log as one process follows it: every revision up to `position` is decided and known, the
 * latest of them are at hand, and whoever needs to be current shares one read with all who need the same.
 */

import { highest } from '../../util/extremes.ts';
import { StorageError } from '../errors.ts';
import { ChangeOrder } from './change-order.ts';
import { ChangeWindow } from './change-window.ts';
import { FIRST_REVISION } from './dynamodb-table.ts';
import type { Head, SeenHead } from './heads.ts';
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
import { type LogPoint, Sightings } from './sightings.ts';
import { type ForeseenHead, type StartOfOpening, TailOpening } from './tail-opening.ts';
import { startOfTail } from './tail-start.ts';

/** How many holes are filled at once. */
const FILLS_AT_ONCE = 32;
/** How many changes above a hole are kept while nobody reads. */
const EARLY_KEPT = 1_000;
/** Who wrote less than this part of a log's newest revisions leaves it to others to read what is between. */
const LEAST_SHARE = 1 / 8;

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
  /** The log's, read before there was this. */
  readonly foreseen?: ForeseenHead | undefined;
}

interface Beginning {
  /** Whether nothing was known of the log, or nothing that still leads on. */
  readonly opens: boolean;
  /** Of the tail, unless it was read anew since. */
  readonly generation: number;
  /** Resolves when all that was committed before is known, but for what `isBehind` tells of. */
  readonly current: Promise<void>;
  /** Whether nobody had taken a revision where the log is opened: there are no objects but those it tells of. */
  readonly unwritten: boolean;
}

export class LogTail<T> {
  /** What it can still tell of what came before. */
  readonly history: LogHistory<T>;
  readonly #options: LogTailOptions<T>;
  readonly #window: ChangeWindow<T>;
  readonly #sightings: Sightings<T>;
  readonly #holes: Holes<T>;
  readonly #waiters: LogWaiters;
  readonly #barrier: ReadBarrier;
  readonly #publisher: ResolvedPublisher<T>;
  readonly #opening: TailOpening;
  readonly #order = new ChangeOrder<T>();
  readonly #follower: LogFollower;
  /** At this moment nothing above `position` was committed; what is since then, is not yet gone. */
  #readAt = 0;
  #generation = 0;
  #reads = 0;
  /** Changes that every consistent read shows. */
  readonly #visible = new WeakSet<Change<T>>();
  /** How often what is known was called in doubt, and how much of that was before it was last read anew. */
  #doubts = 0;
  #doubtsSettled = 0;
  /** Revisions up to here were taken so long ago that those which are not known will never be used. */
  #deadThrough = 0;

  constructor(options: LogTailOptions<T>) {
    this.#options = options;
    this.#window = new ChangeWindow(options.windowBytes);
    this.history = new LogHistory({ ...options, window: this.#window, position: () => this.position });
    this.#follower = new LogFollower(options.context.protocol);
    this.#publisher = new ResolvedPublisher(options.context, options.sequencer);
    this.#sightings = new Sightings(options.context);
    this.#holes = new Holes(options);
    this.#barrier = new ReadBarrier(() => this.#sync());
    this.#opening = new TailOpening({
      clock: options.context.clock,
      readHead: () => options.sequencer.read(),
      headAtHand: (maxStalenessMs) =>
        options.context.heads.atHand(options.context.config.resourcePrefix, maxStalenessMs),
      nextOrder: () => ++this.#reads,
      open: (start) => this.#open(start),
      foreseen: options.foreseen,
    });
    this.#waiters = new LogWaiters({
      ...options.context,
      position: () => this.position,
      look: () => this.#look(),
    });
  }

  /** Every revision up to here is known; 0 before the first `sync`. */
  get position(): number {
    return this.#order.position;
  }

  /** The highest revision that this process knows of, or has seen the effect of. */
  get heard(): number {
    return this.#order.seen;
  }

  /** Every revision up to here is visible to any consistent read. */
  get settled(): number {
    return this.#sightings.settled.position;
  }

  get closed(): boolean {
    return this.#waiters.closed;
  }

  /** Milliseconds since `position` was last known to be current. */
  get age(): number {
    return this.isCurrentAlone ? 0 : this.#options.context.clock.now() - this.#readAt;
  }

  /** Every write was this process's own, and all that was acknowledged, or seen before it was, is here in order. */
  get isCurrentAlone(): boolean {
    if (!this.#options.context.protocol.alone || this.position === 0 || this.#isDistrusted) return false;
    return !this.isBehind;
  }

  /** Brings `position` up to at least every revision that was committed before the call. */
  sync(): Promise<void> {
    return this.isCurrentAlone ? Promise.resolve() : this.#barrier.pass();
  }

  /** Brings `position` up to at least every revision that was committed `maxStalenessMs` before the call. */
  async refresh(maxStalenessMs: number): Promise<void> {
    if (maxStalenessMs <= 0) return this.sync();
    if (this.age <= maxStalenessMs && !this.isBehind) return;
    if (!this.#outdated()) {
      const { config, heads } = this.#options.context;
      const seen = await heads.within(config.resourcePrefix, maxStalenessMs);
      if (seen !== undefined) {
        this.#publisher.heard(seen.head.resolved);
        if (!this.#outdated() && this.#knowsAll(seen)) return;
        await this.sync();
        if (seen.head.at < seen.askedAt - this.#options.context.protocol.deadAfterMs)
          this.#deadThrough = Math.max(this.#deadThrough, seen.head.next);
        return;
      }
    }
    await this.sync();
  }

  /** Whether there was nothing more to know when the head was read; then that is how new the tail is. */
  #knowsAll({ head, askedAt }: SeenHead): boolean {
    if (this.isBehind || head.next > Math.max(this.position, this.#deadThrough)) return false;
    this.#readAt = Math.max(this.#readAt, askedAt);
    return true;
  }

  async open(): Promise<void> {
    if (this.#outdated()) await this.#opening.run();
  }

  /** Reads what an opening begins with, for who will need the log soon. */
  foresee(): void {
    if (this.#outdated()) this.#opening.start(0);
  }

  /**
   * Begins what `sync` does, and resolves when a read of objects may begin beside it: it will find all that is visible
   * up to `settled` as that was before the call, or where the log is opened anew, up to `history.start` as that is then.
   * What was committed since `maxStalenessMs` ago may be missing.
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

  /** Grows when what is known no longer leads to what follows. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether this process has heard of more than it knows. */
  get isBehind(): boolean {
    return this.#order.heard > this.position;
  }

  /** Waits for `revision`, which a client has heard of. Throws TooLargeResourceVersion. */
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

  /** Tells that an object was seen at this revision: no later read of this process may be older. */
  raiseFloor(revision: number): void {
    this.#order.raiseFloor(revision);
  }

  /** Changes that this process committed: known without a read. */
  committed(changes: readonly Change<T>[], evidence: Evidence): void {
    // Whoever is reading the log right now may have read it before these.
    for (const { revision } of changes) {
      this.raiseFloor(revision);
      this.#waiters.knows(revision);
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
      this.#waiters.hurry();
      this.#follower.follow(() => this.#lookBetween());
    }
    if (this.#order.earlyCount <= EARLY_KEPT || this.#waiters.size > 0) return;
    // Nobody has asked what is in the hole: whoever does, reads all of this again.
    this.#order.forgetEarly();
    this.distrust();
  }

  /** The newest change of `key` if it is so new that a read of the object made from now on may miss it. */
  recent(key: string): Change<T> | undefined {
    return this.#sightings.recent(key);
  }

  /** Tells that everything up to `revision` was found to be visible. */
  prove(revision: number): void {
    this.#sightings.prove(revision);
    if (this.#options.context.protocol.alone) this.#publish().catch(() => {});
  }

  /** Keeps changes above `revision` at hand until released. */
  pin(revision: number): () => void {
    return this.#window.pin(revision);
  }

  /** Until `position` may have passed `cursor`, or for `ms`; false: there is nothing to wait for. */
  wait(waiter: Waiter, cursor: number, ms: number): boolean {
    return this.position <= cursor && this.#waiters.wait(waiter, ms);
  }

  /** Waits no more. */
  leave(waiter: Waiter): void {
    this.#waiters.leave(waiter);
  }

  /** Asks that all that is at hand be read anew: some of it could not be decoded. */
  distrust(): void {
    this.#doubts++;
  }

  close(): void {
    this.#waiters.close();
  }

  get #isDistrusted(): boolean {
    return this.#doubts > this.#doubtsSettled;
  }

  /** Whether what follows `position` can't be read any more: after so long a pause it may have expired unseen. */
  #outdated(): boolean {
    return this.position === 0 || this.#isDistrusted || this.age > this.#options.context.protocol.youngMs;
  }

  async #sync(): Promise<void> {
    const reads = this.#reads;
    const isCurrent = this.#outdated() && (await this.#opening.run()) > reads;
    if (!isCurrent) await this.#pull({ consistent: true });
    await this.#closeHoles();
    await this.#publish();
  }

  /** One look for what other processes wrote: cheap, for a missing entry only looks like a hole. */
  async #look(): Promise<boolean> {
    const before = this.position;
    if (this.#outdated()) await this.sync();
    else if (!this.isCurrentAlone) await this.#pull({ consistent: false });
    if (this.#order.earlyCount > 0) await this.sync();
    else await this.#publish();
    return this.position > before;
  }

  async #open(start: StartOfOpening): Promise<number> {
    const { clock } = this.#options.context;
    const doubts = this.#doubts;
    const head = await start.head;
    const asked = { at: clock.now(), order: ++this.#reads };
    const { base, published, changes } = await startOfTail(head, this.#options);
    const { at: readAt, order } = changes === undefined ? { at: start.askedAt, order: start.order } : asked;
    // All at once: until here, others went on with what was.
    if (this.position > 0) this.#options.onReset();
    this.#generation++;
    this.#doubtsSettled = doubts;
    this.#order.reset(base);
    this.#window.reset(base.position);
    this.#sightings.reset(base);
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
      // Before the last page is not all that there was.
      this.#take(changes, isLast ? readAt : this.#readAt);
      if (isLast) break;
      after = Math.max(through, this.position);
    }
    // Below a hole is not all that there was.
    if (this.#order.earlyCount === 0) this.#readAt = readAt;
  }

  /** Takes what follows `position`, and keeps what is above a hole. `readAt`: when `changes` were asked for. */
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
    this.#sightings.record(this.#point, writes, { readAt, visible });
    this.#window.trim();
    this.#waiters.wake();
  }

  get #point(): LogPoint {
    return { position: this.#order.position, bound: this.#order.bound };
  }

  /** Waits for the holes below the highest revision heard of, and fills those that outlast the patience. */
  async #closeHoles(): Promise<void> {
    const { context, sequencer } = this.#options;
    const target = this.#order.heard;
    const start = context.clock.monotonic();
    let head: Head | undefined;
    for (let attempt = 0; this.position < target; attempt++) {
      const elapsed = context.clock.monotonic() - start;
      if (elapsed >= this.#holes.patience) {
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
      if (elapsed >= this.#holes.patienceFor(revision, head))
        fills.push(this.#holes.fill(revision, head, bound));
    }
    this.#take(await Promise.all(fills), this.#readAt);
    return fills.length > 0;
  }

  #publish(): Promise<void> {
    return this.#publisher.publish(this.#sightings.settled);
  }

  /** Reads what others wrote between this process's own changes, if they are not the most. Nobody waits: no fences. */
  async #lookBetween(): Promise<void> {
    const span = this.#order.heard - this.position;
    if (this.#outdated() || this.#order.earlyCount < span * LEAST_SHARE) return;
    await this.#pull({ consistent: false });
    await this.#publish();
  }
}
