/** `Storage` of one resource over the revision log. */

import { isStorageError, StorageError } from '../errors.ts';
import { checkPreconditions } from '../preconditions.ts';
import { parseResourceVersion } from '../resource-version.ts';
import type {
  CreateOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ListResult,
  PrefetchKind,
  Seed,
  Snapshot,
  SparseReads,
  Storage,
  StoredObject,
  UpdateOptions,
  UpdateResult,
  Watch,
  WatchEvent,
  WatchOptions,
} from '../storage.ts';
import { StoredState } from '../stored-state.ts';
import { Committer } from './committer.ts';
import { FIRST_REVISION, type TransactedWrite } from './dynamodb-table.ts';
import { objectItems } from './intent.ts';
import type { ResourceContext } from './layout.ts';
import { leftBehind, list } from './list.ts';
import { LogTail } from './log-tail.ts';
import { LogWatch } from './log-watch.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { ObjectRows, type Row } from './object-rows.ts';
import { MAX_OBJECT_BYTES } from './protocol.ts';
import { type Freshness, newest, ResourceReader } from './resource-reader.ts';
import { RevisionLog } from './revision-log.ts';
import { type PlantingOutcome, Sequencer } from './sequencer.ts';
import { SparseReader } from './sparse-reader.ts';
import type { PrefetchedHead } from './tail-opening.ts';

export interface DynamoDBStorageOptions<T> {
  readonly context: ResourceContext<T>;
  readonly budget: MemoryBudget;
  readonly windowBytes: number;
  /** The head of its log, prefetched before the storage was created. */
  readonly prefetched?: PrefetchedHead | undefined;
}

/** The state a write starts from. `current` is false for a suggestion, which may be out of date. */
interface Origin<T> {
  readonly state: StoredState<T> | undefined;
  readonly current: boolean;
}

/** Everything that is needed once the resource is used. */
interface Machinery<T> {
  readonly rows: ObjectRows<T>;
  readonly log: RevisionLog<T>;
  readonly tail: LogTail<T>;
  readonly sequencer: Sequencer<T>;
  readonly committer: Committer<T>;
  readonly reader: ResourceReader<T>;
  readonly sparse: SparseReads<T> | undefined;
}

export class DynamoDBStorage<T> implements Storage<T> {
  readonly resourcePrefix: string;
  readonly #context: ResourceContext<T>;
  #options: DynamoDBStorageOptions<T>;
  /** Built on first use: most tenants use few of the resources they are served. */
  #machinery: Machinery<T> | undefined;
  #isClosed = false;

  constructor(options: DynamoDBStorageOptions<T>) {
    this.resourcePrefix = options.context.config.resourcePrefix;
    this.#context = options.context;
    this.#options = options;
  }

  get #of(): Machinery<T> {
    if (this.#machinery !== undefined) return this.#machinery;
    this.#machinery = machineryOf(this.#options);
    this.#options = { ...this.#options, prefetched: undefined };
    if (this.#isClosed) this.#machinery.tail.close();
    return this.#machinery;
  }

  get sparse(): SparseReads<T> | undefined {
    return this.#context.protocol.alone ? undefined : this.#of.sparse;
  }

  close(): void {
    this.#isClosed = true;
    this.#machinery?.tail.close();
    // The budget may be shared with storages that stay open.
    this.#machinery?.reader.reset();
  }

  /** See `StorageFactory`. */
  prefetch(what: PrefetchKind): void {
    // Of the head, a write only needs to know whether the log has been silent.
    if (what === 'read' || !this.#of.sequencer.knowsIfIdle) this.#of.tail.prefetch();
  }

  async create(key: string, object: T, options: CreateOptions = {}): Promise<StoredObject<T>> {
    if (metadataOf(object)?.resourceVersion) {
      throw new StorageError('InvalidObject', 'resourceVersion should not be set on objects to be created', {
        key,
      });
    }
    const bytes = await this.#encode(key, object, 0);
    this.#of.reader.used();
    for (;;) {
      const expiresAt = this.#expiry(options.ttlSeconds);
      const outcome = await this.#of.committer.commit({ key, before: undefined, bytes, expiresAt });
      if ('change' in outcome) return outcome.change.after!;
      if (this.#alive(outcome.conflict) !== undefined) {
        throw new StorageError('KeyExists', `key exists: ${key}`, { key });
      }
      await this.#sweepRow(outcome.conflict);
    }
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredObject<T>> {
    const revision = parseResourceVersion(options.resourceVersion);
    const freshness: Freshness = !options.resourceVersion
      ? newest(options)
      : revision === 0
        ? 'any'
        : revision;
    return found(key, this.#unexpired(await this.#of.reader.get(key, freshness, options.readWithinMs)));
  }

  async delete(key: string, options: DeleteOptions<T> = {}): Promise<StoredObject<T>> {
    let origin = await this.#origin(key, options.cached);
    for (;;) {
      const state = found(key, origin.state);
      try {
        const object = await state.objectInPieces();
        checkPreconditions(key, options.preconditions, {
          state: { object: () => object },
          resourceVersion: state.resourceVersion,
        });
        await options.validateDeletion?.(object);
      } catch (error) {
        origin = await this.#reconsider(key, origin, error);
        continue;
      }
      const outcome = await this.#of.committer.commit({ key, before: state, bytes: undefined });
      if ('change' in outcome) return state.at(outcome.change.revision);
      origin = { state: this.#alive(outcome.conflict), current: true };
    }
  }

  async deleteUnreadable(key: string, { dryRun }: { readonly dryRun: boolean }): Promise<void> {
    for (let origin = await this.#read(key); ; ) {
      const before = found(key, origin.state);
      if (isReadable(before)) {
        const message = 'unsafe deletion is not allowed because the object is decodable from storage';
        throw new StorageError('InvalidObject', message, { key });
      }
      if (dryRun) return;
      const outcome = await this.#of.committer.commit({ key, before, bytes: undefined, isUnreadable: true });
      if ('change' in outcome) return;
      origin = { state: this.#alive(outcome.conflict), current: true };
    }
  }

  async guaranteedUpdate(key: string, options: UpdateOptions<T>): Promise<StoredObject<T>> {
    let origin = await this.#origin(key, options.cached);
    for (;;) {
      const { state } = origin;
      if (state === undefined && !options.ignoreNotFound) found(key, state);
      const resourceVersion = state?.resourceVersion ?? 0;
      let result: UpdateResult<T>;
      try {
        checkPreconditions(key, options.preconditions, { state, resourceVersion });
        if (state !== undefined) options.beforeDecode?.(state);
        result = await options.tryUpdate(await state?.objectInPieces(), resourceVersion);
      } catch (error) {
        origin = await this.#reconsider(key, origin, error);
        continue;
      }
      const bytes = await this.#encode(key, result.object, resourceVersion);
      if (state !== undefined && !state.stale && equal(bytes, state.bytes)) {
        if (origin.current) return state;
        // Only the current state may be returned unchanged.
        origin = await this.#read(key);
        if (origin.state?.stale === false && equal(bytes, origin.state.bytes)) return origin.state;
        continue;
      }
      const expiresAt = result.ttlSeconds === undefined ? state?.expiresAt : this.#expiry(result.ttlSeconds);
      const outcome = await this.#of.committer.commit({ key, before: state, bytes, expiresAt });
      if ('change' in outcome) return outcome.change.after!;
      origin = { state: this.#alive(outcome.conflict), current: true };
      if (origin.state === undefined) await this.#sweepRow(outcome.conflict);
    }
  }

  async list(options: ListOptions): Promise<ListResult<T>> {
    const result = await this.#list(options);
    if (result.resourceVersion !== leftBehind(options.continue)) return result;
    // The new revision lets clients detect that these pages and the earlier ones are of different states.
    await this.#of.committer.passOver();
    return await this.#list(options);
  }

  #list(options: ListOptions): Promise<ListResult<T>> {
    const { clock, protocol } = this.#context;
    return list({ reader: this.#of.reader, now: clock.now(), retentionMs: protocol.retentionMs }, options);
  }

  async watch(options: WatchOptions): Promise<Watch<T>> {
    const revision = parseResourceVersion(options.resourceVersion);
    const initial = options.sendInitialEvents ?? revision === 0;
    const { cursor, initialEvents } = initial
      ? await this.#initialEvents(options)
      : { cursor: await this.#start(revision, options.resourceVersion ?? ''), initialEvents: [] };
    const { clock, protocol } = this.#context;
    return new LogWatch({
      tail: this.#of.tail,
      clock,
      bookmarkMs: protocol.bookmarkMs,
      cursor,
      initialEvents,
      watch: options,
    });
  }

  snapshot(maxStalenessMs: number): Promise<Snapshot<T>> {
    return this.#of.reader.snapshot(maxStalenessMs);
  }

  cachedSnapshot(maxStalenessMs: number): Snapshot<T> | undefined {
    return this.#of.reader.cachedSnapshot(maxStalenessMs);
  }

  async replacedAt(revision: number): Promise<StoredObject<T> | undefined> {
    const change = await this.#of.log.read(revision);
    return change?.before === undefined ? undefined : this.#of.reader.checked(change.before);
  }

  /** Undefined unless the resource is in memory. */
  get heldObjects(): number | undefined {
    return this.#machinery?.reader.heldObjects;
  }

  async count(): Promise<number> {
    return await this.#of.reader.count();
  }

  /** Deletes expired objects; returns how many. */
  async sweepExpired(): Promise<number> {
    let swept = 0;
    let from: string | undefined;
    do {
      const chunk = await this.#of.reader.chunk({ prefix: '', from }, { freshness: 'latest' });
      const outcomes = await Promise.all(
        chunk.states
          .filter((state) => this.#unexpired(state) === undefined)
          .map((before) => this.#of.committer.commit({ key: before.key, before, bytes: undefined })),
      );
      // A conflict is another write: one with a new expiry, or another sweeper's.
      swept += outcomes.filter((outcome) => 'change' in outcome).length;
      from = chunk.lastKey === undefined ? undefined : `${chunk.lastKey}\0`;
    } while (from !== undefined);
    return swept;
  }

  /**
   * See `StorageFactory`. The skipped revisions are taken but never used; no process waits for them, because none
   * follows the log.
   */
  async fastForward(revision: number): Promise<void> {
    const { next } = await this.#of.sequencer.read();
    if (next >= revision) return;
    const head = await this.#of.sequencer.allocate(revision - next);
    await this.#of.sequencer.raiseResolved(head.next, this.#context.clock.now());
  }

  /**
   * See `StorageFactory.plant`: the writes of one transaction, whose outcome the caller will resolve. Undefined: the
   * objects can't be planted.
   */
  async planting(
    seeds: readonly Seed[],
    outcome: Promise<PlantingOutcome>,
  ): Promise<readonly TransactedWrite[] | undefined> {
    const claim = await this.#of.sequencer.claim(seeds.length);
    if (claim.from !== FIRST_REVISION || !claim.quiet) return undefined;
    const { codec } = this.#context.config;
    const items = seeds.map(({ key, bytes }, position) => {
      const revision = FIRST_REVISION + 1 + position;
      const rewritten = codec.rewriteResourceVersion(bytes, revision);
      return objectItems(this.#context, { key, revision, bytes: rewritten });
    });
    const rows = await Promise.all(items);
    if (rows.some(({ parts }) => parts.length > 0)) return undefined;
    // Readers of the log would miss the objects, and a writer that has claimed their revisions would fill those.
    if (!this.#of.tail.isUnread || !this.#of.committer.isIdle) return undefined;
    void this.#of.sequencer.duringPlanting(outcome);
    // Without a head there are no objects, so the claim's condition suffices.
    return [{ claim: { ...claim, isUnlogged: true } }, ...rows.map(({ object }) => ({ put: object }))];
  }

  /** Removes expired tombstones and log entries; returns the number of items. */
  async removeLeftovers(): Promise<number> {
    return (await this.#of.rows.removeTombstones()) + (await this.#of.log.removeExpired());
  }

  async #initialEvents(options: WatchOptions): Promise<{ cursor: number; initialEvents: WatchEvent<T>[] }> {
    const { prefix, predicate, resourceVersion } = options;
    const { items, resourceVersion: cursor } = await this.list({ prefix, predicate, resourceVersion });
    const initialEvents: WatchEvent<T>[] = items.map((item) => ({ type: 'ADDED', item }));
    if (options.sendInitialEvents && options.allowBookmarks) {
      initialEvents.push({ type: 'BOOKMARK', resourceVersion: cursor, initialEventsEnd: true });
    }
    return { cursor, initialEvents };
  }

  /** The revision at which a watch without initial events starts. Throws Expired if later changes are gone. */
  async #start(revision: number, resourceVersion: string): Promise<number> {
    await this.#of.tail.open();
    // Reads everything this process has heard of, which determines whether a revision is too old.
    if (resourceVersion === '' || this.#of.tail.isBehind) await this.#of.tail.sync();
    if (revision === 0) return this.#of.tail.position;
    if (revision > this.#of.tail.position) await this.#of.tail.sync();
    // Like etcd, skips changes up to a revision in the future.
    if (revision > this.#of.tail.position) return revision;
    await this.#of.tail.history.checkServed(revision);
    return revision;
  }

  /** The state a write starts from: a suggestion, if there is one. The write is conditional in any case. */
  async #origin(key: string, cached: StoredObject<T> | undefined): Promise<Origin<T>> {
    const suggestion =
      cached instanceof StoredState ? (cached as StoredState<T>) : await this.#of.reader.suggest(key);
    if (suggestion === undefined || this.#unexpired(suggestion) === undefined) return await this.#read(key);
    return { state: suggestion, current: false };
  }

  async #read(key: string): Promise<Origin<T>> {
    return { state: this.#alive(await this.#of.rows.read(key)), current: true };
  }

  /** After a refusal: final if it was based on the current state; otherwise the update is repeated with that. */
  async #reconsider(key: string, origin: Origin<T>, refusal: unknown): Promise<Origin<T>> {
    if (origin.current) throw refusal;
    const current = await this.#read(key);
    if (current.state?.resourceVersion === origin.state?.resourceVersion) throw refusal;
    return current;
  }

  /** Deletes an expired object that blocks a create. */
  async #sweepRow(row: Row<T> | undefined): Promise<void> {
    if (row?.state === undefined) return;
    await this.#of.committer.commit({ key: row.key, before: row.state, bytes: undefined });
  }

  #alive(row: Row<T> | undefined): StoredState<T> | undefined {
    return this.#unexpired(row?.state);
  }

  #unexpired(state: StoredState<T> | undefined): StoredState<T> | undefined {
    return state?.expiredAt(this.#context.clock.now()) ? undefined : state;
  }

  async #encode(key: string, object: T, resourceVersion: number): Promise<Uint8Array> {
    const { codec } = this.#context.config;
    const bytes =
      (await codec.encodeInPieces?.(object, resourceVersion)) ?? codec.encode(object, resourceVersion);
    if (bytes.length <= MAX_OBJECT_BYTES) return bytes;
    const message = `the object takes ${bytes.length} bytes, the limit is ${MAX_OBJECT_BYTES}`;
    throw new StorageError('ObjectTooLarge', message, { key });
  }

  #expiry(ttlSeconds: number | undefined): number | undefined {
    return ttlSeconds ? this.#context.clock.now() + ttlSeconds * 1_000 : undefined;
  }
}

function machineryOf<T>({
  context,
  budget,
  windowBytes,
  prefetched,
}: DynamoDBStorageOptions<T>): Machinery<T> {
  const rows = new ObjectRows(context);
  const log = new RevisionLog(context);
  const sequencer = new Sequencer(context, prefetched?.head);
  const tail: LogTail<T> = new LogTail({
    context,
    log,
    sequencer,
    windowBytes,
    isInFlight: (revision) => committer.isInFlight(revision),
    onChange: (change) => reader.apply(change),
    onReset: () => reader.reset(),
    prefetched,
  });
  const committer = new Committer({
    context,
    log,
    rows,
    sequencer,
    onCommitted: (changes, evidence) => tail.committed(changes, evidence),
    onUnknownOutcome: () => tail.invalidate(),
    isKnown: ({ key, before }, at) => reader.isKnown(key, before?.resourceVersion, at),
  });
  const reader: ResourceReader<T> = new ResourceReader({ context, rows, tail, budget });
  const parts = { context, rows, log, sequencer, tail, reader };
  const sparse = context.protocol.alone ? undefined : new SparseReader(parts);
  return { rows, log, tail, sequencer, committer, reader, sparse };
}

function found<T>(key: string, state: StoredState<T> | undefined): StoredState<T> {
  if (state === undefined) throw new StorageError('KeyNotFound', `key not found: ${key}`, { key });
  return state;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

function metadataOf(object: unknown): { readonly resourceVersion?: string } | undefined {
  return (object as { metadata?: { resourceVersion?: string } } | undefined)?.metadata;
}

function isReadable<T>(state: StoredState<T>): boolean {
  try {
    state.object();
    return true;
  } catch (error) {
    if (isStorageError(error, 'CorruptObject')) return false;
    throw error;
  }
}
