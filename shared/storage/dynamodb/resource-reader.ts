/** Snapshots of a resource: from the replica in memory where there is one, else read and brought to one revision. */

import type { Snapshot } from '../storage.ts';
import type { StoredState } from '../stored-state.ts';
import { compareKeys } from './compare-keys.ts';
import type { ResourceContext } from './layout.ts';
import type { LogTail } from './log-tail.ts';
import type { Evictable, MemoryBudget } from './memory-budget.ts';
import type { KeyRange, ObjectRows } from './object-rows.ts';
import { type Chunk, RangeReader } from './range-reader.ts';
import { Rate } from './rate.ts';
import { Replica } from './replica.ts';
import type { Change } from './revision-log.ts';

/** How new a read must be: whatever is at hand, or all that was committed before it, or so long ago, or a revision. */
export type Freshness = 'any' | 'latest' | { readonly maxStalenessMs: number } | number;

export interface ChunkOptions {
  readonly freshness: Freshness;
  /** The one revision it must be. */
  readonly exact?: number | undefined;
  /** No more objects than these are needed. */
  readonly limit?: number | undefined;
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
const READS_MS = 60_000;

export class ResourceReader<T> implements Evictable {
  readonly #options: ResourceReaderOptions<T>;
  readonly #ranges: RangeReader<T>;
  #replica: Replica<T> | undefined;
  #loading: Promise<void> | undefined;
  #oversizeUntil = 0;
  readonly #partialReads = new Rate(PARTIAL_READS, READS_MS);
  readonly #objectReads = new Rate(OBJECT_READS, READS_MS);

  constructor(options: ResourceReaderOptions<T>) {
    this.#options = options;
    this.#ranges = new RangeReader(options);
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
    this.#ranges.reset();
    this.#replica = undefined;
    this.#options.budget.forget(this);
  }

  /** The state a write may start from without a read: it is checked when it is written. */
  suggest(key: string): StoredState<T> | undefined {
    const { tail, context } = this.#options;
    if (context.protocol.alone) this.#loadIfUsed();
    return tail.age < context.protocol.pollIdleMs * 2 ? this.#replica?.get(key) : undefined;
  }

  /** The state, unless it can't be read: then its error, and what is in memory is read again. */
  checked(state: StoredState<T> | undefined): StoredState<T> | undefined {
    if (state?.corrupt === undefined) return state;
    this.#options.tail.distrust();
    throw state.corrupt;
  }

  /** One object. Expired ones are returned. */
  async get(key: string, freshness: Freshness): Promise<StoredState<T> | undefined> {
    const { tail, rows } = this.#options;
    if (this.#options.context.protocol.alone) this.#loadIfUsed();
    else if (this.#replica === undefined && this.#looksOften(freshness)) await this.#load();
    if (this.#replica !== undefined) {
      await this.#refresh(freshness);
      // A refresh may have dropped it.
      if (this.#replica !== undefined) {
        this.#options.budget.touch(this);
        return this.checked(this.#replica.get(key));
      }
    }
    let recent = tail.recent(key);
    let row = await rows.read(key);
    if (typeof freshness === 'number' && (row?.revision ?? 0) < freshness) {
      await tail.reach(freshness);
      recent = tail.recent(key);
      row = await rows.read(key);
    }
    // The object of a change may become visible after its entry.
    if (recent !== undefined && recent.revision > (row?.revision ?? 0)) return this.checked(recent.after);
    if (row !== undefined) tail.raiseFloor(row.revision);
    return this.checked(row?.state);
  }

  /** The next chunk of `range`, at `exact` where that is given. Throws Expired, TooLargeResourceVersion. */
  async chunk(range: KeyRange, { freshness, exact, limit }: ChunkOptions): Promise<Chunk<T>> {
    await this.#refresh(exact ?? freshness);
    const chunk = await this.#newestChunk(range, limit);
    if (exact === undefined || exact === chunk.revision) return chunk;
    return await this.#ranges.undo(range, chunk, exact);
  }

  /** Everything, the same value for as long as nothing changes. */
  async snapshot(maxStalenessMs: number): Promise<Snapshot<T>> {
    const { tail, context, budget } = this.#options;
    if (this.#replica !== undefined && (maxStalenessMs === 0 || tail.age > maxStalenessMs)) await tail.sync();
    if (this.#replica === undefined) await this.#load();
    if (this.#replica === undefined) return await this.#bigSnapshot();
    budget.touch(this);
    return this.#replica.snapshot(tail.position, context.clock.now(), (state) => this.checked(state));
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
    else if (freshness === 'latest' || tail.age > maxAgeOf(freshness)) await tail.sync();
  }

  async #newestChunk(range: KeyRange, limit: number | undefined): Promise<Chunk<T>> {
    const { tail, budget, context } = this.#options;
    const whole = range.prefix === '' && range.to === undefined;
    // Alone, a page need not wait until all is read: nobody pays for what is read twice.
    const maxRows = context.protocol.alone ? limit : undefined;
    if (this.#replica === undefined && (whole || this.#readsOften())) {
      const load = this.#load();
      if (maxRows === undefined) await load;
      else load.catch(() => {});
    }
    if (this.#replica === undefined)
      return await this.#ranges.read(range, { maxBytes: CHUNK_BYTES, maxRows });
    budget.touch(this);
    const states = this.#replica.range(range);
    const end = range.to;
    return {
      revision: tail.position,
      states: end === undefined ? states : states.filter(({ key }) => compareKeys(key, end) <= 0),
      lastKey: undefined,
    };
  }

  /** Whether objects are read one by one so often by who would take a replica's that it pays to have one. */
  #looksOften(freshness: Freshness): boolean {
    if (typeof freshness !== 'object') return false;
    return this.#objectReads.isExceededBy(this.#options.context.clock.monotonic());
  }

  /** Alone, a replica answers without any read: worth having of what is used, and not worth waiting for. */
  #loadIfUsed(): void {
    if (this.#replica !== undefined || this.#loading !== undefined || !this.#readsOften()) return;
    this.#load().catch(() => {});
  }

  #readsOften(): boolean {
    return this.#partialReads.isExceededBy(this.#options.context.clock.monotonic());
  }

  /** Reads the resource into memory, if it fits. Whoever asks meanwhile shares the read, and brings it up to date. */
  async #load(): Promise<void> {
    const joins = this.#loading !== undefined;
    this.#loading ??= this.#readAll().finally(() => {
      this.#loading = undefined;
    });
    await this.#loading;
    if (joins) await this.#options.tail.sync();
  }

  async #readAll(): Promise<void> {
    const { context, budget } = this.#options;
    if (context.clock.monotonic() < this.#oversizeUntil) return;
    await this.#ranges.read({ prefix: '' }, { maxBytes: budget.limit }, (chunk) => {
      if (chunk.lastKey === undefined) this.#replica = new Replica(chunk.states);
      else this.#oversizeUntil = context.clock.monotonic() + OVERSIZE_MS;
    });
    if (this.#replica !== undefined) budget.touch(this);
  }

  async #bigSnapshot(): Promise<Snapshot<T>> {
    const now = this.#options.context.clock.now();
    const items: StoredState<T>[] = [];
    let from: string | undefined;
    let exact: number | undefined;
    do {
      const chunk: Chunk<T> = await this.chunk({ prefix: '', from }, { freshness: 'latest', exact });
      exact = chunk.revision;
      for (const state of chunk.states) if (!state.expiredAt(now)) items.push(this.checked(state)!);
      from = chunk.lastKey === undefined ? undefined : `${chunk.lastKey}\0`;
    } while (from !== undefined);
    return { resourceVersion: exact, items };
  }
}

function maxAgeOf(freshness: Freshness): number {
  return typeof freshness === 'object' ? freshness.maxStalenessMs : AT_HAND_MS;
}

/** The freshness of a read that names no revision. */
export function newest({ maxStalenessMs }: { readonly maxStalenessMs?: number | undefined }): Freshness {
  return maxStalenessMs ? { maxStalenessMs } : 'latest';
}
