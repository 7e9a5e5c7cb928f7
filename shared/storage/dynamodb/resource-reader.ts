/** Snapshots of a resource: from the replica in memory where there is one, else read and brought to one revision. */

import { appendAll } from '../../util/append-all.ts';
import type { Snapshot } from '../storage.ts';
import type { StoredState } from '../stored-state.ts';
import type { ResourceContext } from './layout.ts';
import type { LogTail } from './log-tail.ts';
import type { Evictable, MemoryBudget } from './memory-budget.ts';
import type { KeyRange, ObjectRows } from './object-rows.ts';
import { PartialReads } from './partial-reads.ts';
import { type Chunk, RangeReader } from './range-reader.ts';
import { RecentReads } from './recent-reads.ts';
import { Replica } from './replica.ts';
import type { Change } from './revision-log.ts';
import { UnderHead } from './under-head.ts';

/** How new a read must be: whatever is at hand, or all that was committed before it, or so long ago, or a revision. */
export type Freshness = 'any' | 'latest' | { readonly maxStalenessMs: number } | number;

export interface ChunkOptions {
  readonly freshness: Freshness;
  /** The one revision it must be. */
  readonly exact?: number | undefined;
  /** No more rows than these are read, unless it pays to have more. */
  readonly maxRows?: number | undefined;
}

export interface ResourceReaderOptions<T> {
  readonly context: ResourceContext<T>;
  readonly rows: ObjectRows<T>;
  readonly tail: LogTail<T>;
  readonly budget: MemoryBudget;
}

/** Bytes of one chunk read past the replica. */
const CHUNK_BYTES = 16 * 1024 * 1024;
/** A resource that did not fit into memory isn't tried again for so long. */
const OVERSIZE_MS = 10 * 60 * 1_000;
/** What is older isn't at hand: a process may wake up after hours. */
const AT_HAND_MS = 10_000;
/** Reading parts of a resource over and over costs more than keeping it; reading an object is not so dear. */
const PARTIAL_READS = 2;
const OBJECT_READS = 20;
/** A write may begin with what was read so long ago: perhaps it was read for that. */
const SUGGESTED_MS = 10_000;
/** Bytes of an object that is kept for as long as nothing is written. */
const KEPT_BYTES = 16 * 1024;
/** What one read of an object is charged. */
const OBJECT_BYTES = 4_096;

export class ResourceReader<T> implements Evictable {
  readonly #options: ResourceReaderOptions<T>;
  readonly #ranges: RangeReader<T>;
  #replica: Replica<T> | undefined;
  #loading: Promise<void> | undefined;
  #oversizeUntil = 0;
  readonly #partialReads = new PartialReads(PARTIAL_READS);
  readonly #objectReads = new PartialReads(OBJECT_READS);
  readonly #recentReads: RecentReads<T>;
  readonly #underHead: UnderHead<StoredState<T> | undefined>;

  constructor(options: ResourceReaderOptions<T>) {
    this.#options = options;
    this.#ranges = new RangeReader(options);
    const { context, tail } = options;
    this.#recentReads = new RecentReads(
      () => context.clock.now(),
      () => tail.heard,
    );
    this.#underHead = new UnderHead({
      heads: context.heads,
      resourcePrefix: context.config.resourcePrefix,
      heard: () => tail.heard,
      isWorthKeeping: (state) =>
        state === undefined || (state.corrupt === undefined && state.bytes.length <= KEPT_BYTES),
    });
  }

  get bytes(): number {
    return this.#replica?.bytes ?? 0;
  }

  evict(): void {
    const { budget, context } = this.#options;
    if (this.bytes > budget.limit) this.#oversizeUntil = context.clock.monotonic() + OVERSIZE_MS;
    this.#replica = undefined;
  }

  /** For the tail: a change in order. */
  apply(change: Change<T>): void {
    if (change.kind === 'break') this.reset();
    if (this.#replica === undefined) return;
    const before = this.#replica.bytes;
    this.#replica.apply(change);
    if (this.#replica.bytes > before) this.#options.budget.touch(this);
  }

  /** For the tail: what comes next does not follow from what was. */
  reset(): void {
    this.#replica = undefined;
    this.#options.budget.forget(this);
  }

  /** The state a write may start from without a read: it is checked when it is written. */
  suggest(key: string): StoredState<T> | Promise<StoredState<T> | undefined> | undefined {
    const { tail, context } = this.#options;
    if (context.protocol.alone) this.#loadIfUsed();
    if (this.#replica === undefined) return this.#recentReads.read(key, SUGGESTED_MS)?.catch(() => undefined);
    return tail.age < context.protocol.pollIdleMs * 2 ? this.#replica.get(key) : undefined;
  }

  /** What is in memory is read again. */
  distrust(): void {
    this.#options.tail.distrust();
  }

  /** The state, unless it can't be read: then its error, and what is in memory is read again. */
  checked(state: StoredState<T> | undefined): StoredState<T> | undefined {
    if (state?.corrupt === undefined) return state;
    this.#options.tail.distrust();
    throw state.corrupt;
  }

  /** One object. Expired ones are returned. `readWithinMs`: see `GetOptions`. */
  async get(key: string, freshness: Freshness, readWithinMs = 0): Promise<StoredState<T> | undefined> {
    if (this.#options.context.protocol.alone) this.#loadIfUsed();
    else if (this.#replica === undefined && typeof freshness === 'object') {
      const { maxStalenessMs } = freshness;
      const recent = this.#recentReads.read(key, maxStalenessMs);
      if (recent !== undefined) return this.checked(await recent);
      const kept = await this.#underHead.find(key, maxStalenessMs);
      if (kept !== undefined) return this.checked(kept.value);
      await this.#loadIfCheap();
    }
    if (this.#replica !== undefined) {
      await this.#refresh(freshness);
      // A refresh may have dropped it.
      if (this.#replica !== undefined) {
        const state = this.#replica.get(key);
        this.#options.budget.touch(this);
        return this.checked(state);
      }
    }
    if (this.#options.context.protocol.alone || freshness === 'any' || typeof freshness === 'number') {
      return this.checked(await this.#readObject(key, freshness));
    }
    const isRecent = freshness === 'latest' && readWithinMs > 0;
    const recent = isRecent ? this.#recentReads.read(key, readWithinMs) : undefined;
    const read = () => this.#underHead.keep(key, () => this.#readObject(key, 'latest'));
    return this.checked(await (recent ?? this.#recentReads.add(key, read())));
  }

  async #readObject(key: string, freshness: Freshness): Promise<StoredState<T> | undefined> {
    const { tail, rows } = this.#options;
    let recent = tail.recent(key);
    let row = await rows.read(key);
    if (typeof freshness === 'number' && (row?.revision ?? 0) < freshness) {
      await tail.reach(freshness);
      recent = tail.recent(key);
      row = await rows.read(key);
    }
    // The object of a change may become visible after its entry.
    if (recent !== undefined && recent.revision > (row?.revision ?? 0)) return recent.after;
    if (row !== undefined) tail.raiseFloor(row.revision);
    return row?.state;
  }

  /** The next chunk of `range`, at `exact` where that is given. Throws Expired, TooLargeResourceVersion. */
  async chunk(range: KeyRange, { freshness, exact, maxRows }: ChunkOptions): Promise<Chunk<T>> {
    await this.#refresh(exact ?? freshness);
    const chunk = await this.#newestChunk(range, maxRows);
    if (exact === undefined || exact === chunk.revision) return chunk;
    return await this.#ranges.undo(range, chunk, exact);
  }

  /** Everything, the same value for as long as nothing changes. */
  async snapshot(maxStalenessMs: number): Promise<Snapshot<T>> {
    if (this.#replica !== undefined && !this.#isFresh(maxStalenessMs))
      await this.#options.tail.refresh(maxStalenessMs);
    if (this.#replica === undefined) await this.#load({ maxStalenessMs });
    return this.#replica === undefined ? await this.#bigSnapshot() : this.#snapshotOf(this.#replica);
  }

  /** `snapshot` where nothing has to be read for it. */
  snapshotAtHand(maxStalenessMs: number): Snapshot<T> | undefined {
    if (this.#replica === undefined || !this.#isFresh(maxStalenessMs)) return undefined;
    return this.#snapshotOf(this.#replica);
  }

  #isFresh(maxStalenessMs: number): boolean {
    const { tail } = this.#options;
    return tail.isCurrentAlone || (maxStalenessMs > 0 && tail.age <= maxStalenessMs && !tail.isBehind);
  }

  #snapshotOf(replica: Replica<T>): Snapshot<T> {
    const { tail, context, budget } = this.#options;
    budget.touch(this);
    return replica.snapshot(tail.position, context.clock.now(), (state) => this.checked(state));
  }

  /** The snapshot, where there is a replica, or where its time has come. */
  async held(maxStalenessMs: number): Promise<Snapshot<T> | undefined> {
    if (this.#replica === undefined) await this.#loadIfCheap();
    return this.#replica === undefined ? undefined : await this.snapshot(maxStalenessMs);
  }

  get heldObjects(): number | undefined {
    return this.#replica?.size;
  }

  async count(): Promise<number> {
    return this.#replica?.size ?? (await this.snapshot(0)).items.length;
  }

  async #refresh(freshness: Freshness): Promise<void> {
    const { tail } = this.#options;
    if (typeof freshness === 'number') await tail.reach(freshness);
    else if (this.#replica === undefined) return;
    else if (freshness === 'latest') await tail.sync();
    else await tail.refresh(maxAgeOf(freshness));
  }

  async #newestChunk(range: KeyRange, maxRows: number | undefined): Promise<Chunk<T>> {
    const { tail, budget } = this.#options;
    if (this.#replica === undefined) await this.#loadFor(range, maxRows);
    if (this.#replica === undefined) return await this.#readPart(range, maxRows);
    const { states, left } = this.#replica.range(range, maxRows);
    // It may be that there is no room for it any more.
    budget.touch(this);
    const lastKey = left === 0 ? undefined : states.at(-1)!.key;
    return { revision: tail.position, states, lastKey, left };
  }

  /** Loads the resource where all of it is asked for, or where it pays. */
  async #loadFor({ prefix, to }: KeyRange, maxRows: number | undefined): Promise<void> {
    const { clock, protocol } = this.#options.context;
    const whole = prefix === '' && to === undefined;
    if (protocol.alone) {
      // A page need not wait until all is read: nobody pays for what is read twice.
      const load = whole || this.#readsOften() ? this.#load() : Promise.resolve();
      if (maxRows === undefined) await load;
      else load.catch(() => {});
    } else if (whole && maxRows === undefined) {
      await this.#load();
    } else {
      const allowed = this.#partialReads.allowance(clock.monotonic());
      if (allowed > 0) await this.#load({ maxBytes: allowed });
    }
  }

  /** What is read of a small resource may be all of it: then it is kept. */
  async #readPart(range: KeyRange, maxRows: number | undefined): Promise<Chunk<T>> {
    const { budget, context } = this.#options;
    const chunk = await this.#ranges.read(range, { maxBytes: CHUNK_BYTES, maxRows }, (read) => {
      const whole =
        range.prefix === '' && !range.from && range.to === undefined && read.lastKey === undefined;
      if (whole && bytesOf(read.states) <= budget.limit) this.#replica ??= new Replica(read.states);
    });
    if (this.#replica !== undefined) budget.touch(this);
    this.#partialReads.add(context.clock.monotonic(), bytesOf(chunk.states));
    return chunk;
  }

  /** Objects may be read one by one so often, by who would take a replica's, that it pays to have one. */
  async #loadIfCheap(): Promise<void> {
    const now = this.#options.context.clock.monotonic();
    const allowed = this.#objectReads.allowance(now);
    this.#objectReads.add(now, OBJECT_BYTES);
    if (allowed > 0) await this.#load({ maxBytes: allowed });
  }

  /** Alone, a replica answers without any read: worth having of what is used, and not worth waiting for. */
  #loadIfUsed(): void {
    if (this.#replica !== undefined || this.#loading !== undefined || !this.#readsOften()) return;
    this.#load().catch(() => {});
  }

  #readsOften(): boolean {
    const now = this.#options.context.clock.monotonic();
    const often = this.#partialReads.allowance(now) > 0;
    this.#partialReads.add(now, 0);
    return often;
  }

  /**
   * Reads the resource into memory, if it fits into that and into `maxBytes`. Whoever asks meanwhile shares the read,
   * and brings it up to date.
   */
  async #load({
    maxBytes = this.#options.budget.limit,
    maxStalenessMs = 0,
  }: {
    maxBytes?: number;
    maxStalenessMs?: number;
  } = {}): Promise<void> {
    const joins = this.#loading !== undefined;
    this.#loading ??= this.#readAll(Math.min(maxBytes, this.#options.budget.limit), maxStalenessMs).finally(
      () => {
        this.#loading = undefined;
      },
    );
    await this.#loading;
    if (!joins) return;
    // Who began it may have been content with less.
    if (this.#replica === undefined && maxBytes === this.#options.budget.limit)
      await this.#load({ maxStalenessMs });
    else await this.#options.tail.refresh(maxStalenessMs);
  }

  async #readAll(maxBytes: number, maxStalenessMs: number): Promise<void> {
    const { context, budget } = this.#options;
    if (context.clock.monotonic() < this.#oversizeUntil) return;
    await this.#ranges.read({ prefix: '' }, { maxBytes, maxStalenessMs }, (chunk) => {
      const now = context.clock.monotonic();
      if (chunk.lastKey === undefined) this.#replica = new Replica(chunk.states);
      else if (maxBytes === budget.limit) this.#oversizeUntil = now + OVERSIZE_MS;
      else for (const reads of [this.#partialReads, this.#objectReads]) reads.isLarger(now, maxBytes);
    });
    if (this.#replica !== undefined) budget.touch(this);
  }

  async #bigSnapshot(): Promise<Snapshot<T>> {
    const now = this.#options.context.clock.now();
    const { revision, states } = await this.everything();
    const items = states.filter((state) => !state.expiredAt(now)).map((state) => this.checked(state)!);
    return { resourceVersion: revision, items };
  }

  /** The newest state, read in chunks; expired objects and corrupt ones included. */
  async everything(): Promise<{ readonly revision: number; readonly states: readonly StoredState<T>[] }> {
    const states: StoredState<T>[] = [];
    let from: string | undefined;
    let exact: number | undefined;
    do {
      const chunk: Chunk<T> = await this.chunk({ prefix: '', from }, { freshness: 'latest', exact });
      exact = chunk.revision;
      appendAll(states, chunk.states);
      from = chunk.lastKey === undefined ? undefined : `${chunk.lastKey}\0`;
    } while (from !== undefined);
    return { revision: exact, states };
  }
}

function maxAgeOf(freshness: Freshness): number {
  return typeof freshness === 'object' ? freshness.maxStalenessMs : AT_HAND_MS;
}

function bytesOf<T>(states: readonly StoredState<T>[]): number {
  return states.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** The freshness of a read that names no revision. */
export function newest({ maxStalenessMs }: { readonly maxStalenessMs?: number | undefined }): Freshness {
  return maxStalenessMs ? { maxStalenessMs } : 'latest';
}
