/** Snapshots of a resource: from the replica in memory if there is one, otherwise read as of one revision. */

import { appendAll } from '../../util/append-all.ts';
import type { Snapshot } from '../storage.ts';
import type { StoredState } from '../stored-state.ts';
import { HeadValidatedCache } from './head-validated-cache.ts';
import type { ResourceContext } from './layout.ts';
import type { LogTail } from './log-tail.ts';
import type { Evictable, MemoryBudget } from './memory-budget.ts';
import type { KeyRange, ObjectRows } from './object-rows.ts';
import { PartialReads } from './partial-reads.ts';
import { type Chunk, RangeReader } from './range-reader.ts';
import { RecentReads } from './recent-reads.ts';
import { Replica } from './replica.ts';
import type { Change } from './revision-log.ts';

/**
 * Required freshness of a read: any state; everything committed before the call, or up to some time before it; or at
 * least a revision.
 */
export type Freshness = 'any' | 'latest' | { readonly maxStalenessMs: number } | number;

export interface ChunkOptions {
  readonly freshness: Freshness;
  /** The exact revision to read at. */
  readonly exact?: number | undefined;
  /** Maximum number of rows read, unless reading more is worthwhile. */
  readonly maxRows?: number | undefined;
}

export interface ResourceReaderOptions<T> {
  readonly context: ResourceContext<T>;
  readonly rows: ObjectRows<T>;
  readonly tail: LogTail<T>;
  readonly budget: MemoryBudget;
}

/** Bytes of one chunk that is read without a replica. */
const CHUNK_BYTES = 16 * 1024 * 1024;
/** Time until a resource that did not fit into memory is tried again. */
const OVERSIZE_MS = 10 * 60 * 1_000;
/** Maximum age of state that counts as in memory: a process may wake up after hours. */
const AT_HAND_MS = 10_000;
/**
 * Numbers of reads from which keeping a resource in memory pays: reading parts again is more expensive than reading an
 * object.
 */
const PARTIAL_READS = 2;
const OBJECT_READS = 20;
/** Maximum age of a read that a write may start from: it was perhaps made for the write. */
const SUGGESTED_MS = 10_000;
/** Maximum size of an object that is cached for as long as nothing is written. */
const KEPT_BYTES = 16 * 1024;
/** Bytes accounted for one read of an object. */
const OBJECT_BYTES = 4_096;

export class ResourceReader<T> implements Evictable {
  readonly #options: ResourceReaderOptions<T>;
  readonly #ranges: RangeReader<T>;
  #replica: Replica<T> | undefined;
  #loading: Promise<Chunk<T> | undefined> | undefined;
  #oversizeUntil = 0;
  readonly #partialReads = new PartialReads(PARTIAL_READS);
  readonly #objectReads = new PartialReads(OBJECT_READS);
  /** Unset for the only writer, which reads locally. */
  readonly #cached: CachedReads<T> | undefined;

  constructor(options: ResourceReaderOptions<T>) {
    this.#options = options;
    this.#ranges = new RangeReader(options);
    if (!options.context.protocol.alone) this.#cached = cachedReads(options);
  }

  get bytes(): number {
    return this.#replica?.bytes ?? 0;
  }

  evict(): void {
    const { budget, context } = this.#options;
    if (this.bytes > budget.limit) this.#oversizeUntil = context.clock.monotonic() + OVERSIZE_MS;
    this.#replica = undefined;
  }

  /** Called by the tail with each change, in order. */
  apply(change: Change<T>): void {
    if (change.kind === 'break') this.reset();
    if (this.#replica === undefined) return;
    const before = this.#replica.bytes;
    this.#replica.apply(change);
    if (this.#replica.bytes > before) this.#options.budget.touch(this);
  }

  /** Called by the tail when continuity is lost. */
  reset(): void {
    this.#replica = undefined;
    this.#options.budget.forget(this);
  }

  /** A state that a write may start from without a read; the write is conditional anyway. */
  suggest(key: string): StoredState<T> | Promise<StoredState<T> | undefined> | undefined {
    const { tail, context } = this.#options;
    this.used();
    if (this.#replica === undefined)
      return this.#cached?.recent.read(key, SUGGESTED_MS)?.catch(() => undefined);
    return tail.age < context.protocol.pollIdleMs * 2 ? this.#replica.get(key) : undefined;
  }

  /** Counts a use of the resource, which may lead to its loading. */
  used(): void {
    if (this.#options.context.protocol.alone) this.#loadIfUsed();
  }

  /**
   * Whether memory holds the resource as of exactly the revision `at`, and in it the object has this resourceVersion;
   * undefined: it doesn't exist.
   */
  isKnown(key: string, resourceVersion: number | undefined, at: number): boolean {
    const { tail } = this.#options;
    if (this.#replica === undefined || !tail.isCurrentAsSoleWriter || tail.position !== at) return false;
    return this.#replica.get(key)?.resourceVersion === resourceVersion;
  }

  /** Causes the state in memory to be read again. */
  invalidate(): void {
    this.#options.tail.invalidate();
  }

  /** The state; if it can't be read, throws its error and has the state in memory read again. */
  checked(state: StoredState<T> | undefined): StoredState<T> | undefined {
    if (state?.corrupt === undefined) return state;
    this.#options.tail.invalidate();
    throw state.corrupt;
  }

  /** Reads one object, including expired ones. `readWithinMs`: see `GetOptions`. */
  async get(key: string, freshness: Freshness, readWithinMs = 0): Promise<StoredState<T> | undefined> {
    if (this.#cached === undefined) this.#loadIfUsed();
    else if (this.#replica === undefined && typeof freshness === 'object') {
      const { maxStalenessMs } = freshness;
      const recent = this.#cached.recent.read(key, maxStalenessMs);
      if (recent !== undefined) return this.checked(await recent);
      const kept = await this.#cached.underHead.find(key, maxStalenessMs);
      if (kept !== undefined) return this.checked(kept.value);
      await this.#loadIfCheap();
    }
    if (this.#replica !== undefined) {
      await this.#refresh(freshness);
      // The refresh may have evicted it.
      if (this.#replica !== undefined) {
        const state = this.#replica.get(key);
        this.#options.budget.touch(this);
        return this.checked(state);
      }
    }
    if (this.#cached === undefined || freshness === 'any' || typeof freshness === 'number') {
      return this.checked(await this.#readObject(key, freshness));
    }
    const isRecent = freshness === 'latest' && readWithinMs > 0;
    const { recent: recentReads, underHead } = this.#cached;
    const recent = isRecent ? recentReads.read(key, readWithinMs) : undefined;
    const read = () => underHead.keep(key, () => this.#readObject(key, 'latest'));
    return this.checked(await (recent ?? recentReads.add(key, read())));
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

  /** The next chunk of `range`, at `exact` if given. Throws Expired, TooLargeResourceVersion. */
  async chunk(range: KeyRange, { freshness, exact, maxRows }: ChunkOptions): Promise<Chunk<T>> {
    await this.#refresh(exact ?? freshness);
    const chunk = await this.#newestChunk(range, maxRows);
    if (exact === undefined || exact === chunk.revision) return chunk;
    return await this.#ranges.undo(range, chunk, exact);
  }

  /** All objects; the same value until something changes. */
  async snapshot(maxStalenessMs: number): Promise<Snapshot<T>> {
    if (this.#replica !== undefined && !this.#isFresh(maxStalenessMs))
      await this.#options.tail.refresh(maxStalenessMs);
    const read = this.#replica === undefined ? await this.#load({ maxStalenessMs }) : undefined;
    if (this.#replica !== undefined) return this.#snapshotOf(this.#replica);
    return this.#bigSnapshot(read ?? (await this.everything()));
  }

  /** Like `snapshot`, if it takes no reading; otherwise undefined. */
  cachedSnapshot(maxStalenessMs: number): Snapshot<T> | undefined {
    if (this.#replica === undefined || !this.#isFresh(maxStalenessMs)) return undefined;
    return this.#snapshotOf(this.#replica);
  }

  #isFresh(maxStalenessMs: number): boolean {
    const { tail } = this.#options;
    return tail.isCurrentAsSoleWriter || (maxStalenessMs > 0 && tail.age <= maxStalenessMs && !tail.isBehind);
  }

  #snapshotOf(replica: Replica<T>): Snapshot<T> {
    const { tail, context, budget } = this.#options;
    budget.touch(this);
    return replica.snapshot(tail.position, context.clock.now(), (state) => this.checked(state));
  }

  /** The snapshot, if there is a replica or loading one has become worthwhile. */
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
    const read = this.#replica === undefined ? await this.#loadFor(range, maxRows) : undefined;
    if (this.#replica === undefined) return read ?? (await this.#readPart(range, maxRows));
    const { states, left } = this.#replica.range(range, maxRows);
    // Touching the budget may evict the replica.
    budget.touch(this);
    const lastKey = left === 0 ? undefined : states.at(-1)!.key;
    return { revision: tail.position, states, lastKey, left };
  }

  /**
   * Loads the resource if all of it is requested, or if that is worthwhile. Returns the whole range if it was read but
   * is too large to keep.
   */
  async #loadFor({ prefix, from, to }: KeyRange, maxRows: number | undefined): Promise<Chunk<T> | undefined> {
    const { clock, protocol } = this.#options.context;
    const whole = prefix === '' && to === undefined;
    if (protocol.alone) {
      // A page need not wait for the load: in an embedded store, reading twice costs nothing.
      const load = whole || this.#readsOften() ? this.#load() : Promise.resolve();
      if (maxRows === undefined) await load;
      else load.catch(() => {});
    } else if (whole && maxRows === undefined) {
      const read = await this.#load();
      return from ? undefined : read;
    } else {
      const allowed = this.#partialReads.allowance(clock.monotonic());
      if (allowed > 0) await this.#load({ maxBytes: allowed });
    }
    return undefined;
  }

  /** Reading part of a small resource may return all of it, which is then kept. */
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

  /**
   * Loads the resource when reads of single objects, by callers that could use a replica, have become frequent enough.
   */
  async #loadIfCheap(): Promise<void> {
    const now = this.#options.context.clock.monotonic();
    const allowed = this.#objectReads.allowance(now);
    this.#objectReads.add(now, OBJECT_BYTES);
    if (allowed > 0) await this.#load({ maxBytes: allowed });
  }

  /** For an embedded store: loads a resource that is used, since a replica answers without reading; not awaited. */
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
   * Reads the resource into memory, if it fits into that and into `maxBytes`. Concurrent callers share the read, then
   * bring it up to date. Returns what this call has read to the end, but couldn't keep.
   */
  async #load({
    maxBytes = this.#options.budget.limit,
    maxStalenessMs = 0,
  }: {
    maxBytes?: number;
    maxStalenessMs?: number;
  } = {}): Promise<Chunk<T> | undefined> {
    const joins = this.#loading !== undefined;
    this.#loading ??= this.#readAll(Math.min(maxBytes, this.#options.budget.limit), maxStalenessMs).finally(
      () => {
        this.#loading = undefined;
      },
    );
    const read = await this.#loading;
    if (!joins) return read;
    // The load that was joined may have had a lower limit.
    if (this.#replica === undefined && maxBytes === this.#options.budget.limit)
      return await this.#load({ maxStalenessMs });
    await this.#options.tail.refresh(maxStalenessMs);
    return undefined;
  }

  async #readAll(maxBytes: number, maxStalenessMs: number): Promise<Chunk<T> | undefined> {
    const { context, budget } = this.#options;
    if (context.clock.monotonic() < this.#oversizeUntil) return undefined;
    const read = await this.#ranges.read({ prefix: '' }, { maxBytes, maxStalenessMs }, (chunk) => {
      const now = context.clock.monotonic();
      if (chunk.lastKey === undefined) this.#replica = new Replica(chunk.states);
      else if (maxBytes === budget.limit) this.#oversizeUntil = now + OVERSIZE_MS;
      else for (const reads of [this.#partialReads, this.#objectReads]) reads.isLarger(now, maxBytes);
    });
    if (this.#replica !== undefined) budget.touch(this);
    return this.#replica === undefined && read.lastKey === undefined ? read : undefined;
  }

  #bigSnapshot({ revision, states }: Pick<Chunk<T>, 'revision' | 'states'>): Snapshot<T> {
    const now = this.#options.context.clock.now();
    const items = states.filter((state) => !state.expiredAt(now)).map((state) => this.checked(state)!);
    return { resourceVersion: revision, items };
  }

  /** The newest state, read in chunks, including expired and corrupt objects. */
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

/** Reads of single objects that may be used again. */
interface CachedReads<T> {
  readonly recent: RecentReads<T>;
  readonly underHead: HeadValidatedCache<StoredState<T> | undefined>;
}

function cachedReads<T>({ context, tail }: ResourceReaderOptions<T>): CachedReads<T> {
  const newestKnown = () => tail.newestKnown;
  return {
    recent: new RecentReads(() => context.clock.now(), newestKnown),
    underHead: new HeadValidatedCache({
      heads: context.heads,
      resourcePrefix: context.config.resourcePrefix,
      newestKnown,
      isCacheable: (state) =>
        state === undefined || (state.corrupt === undefined && state.size <= KEPT_BYTES),
    }),
  };
}

function maxAgeOf(freshness: Freshness): number {
  return typeof freshness === 'object' ? freshness.maxStalenessMs : AT_HAND_MS;
}

function bytesOf<T>(states: readonly StoredState<T>[]): number {
  return states.reduce((sum, { size }) => sum + size, 0);
}

/** The freshness of a read without a revision. */
export function newest({ maxStalenessMs }: { readonly maxStalenessMs?: number | undefined }): Freshness {
  return maxStalenessMs ? { maxStalenessMs } : 'latest';
}
