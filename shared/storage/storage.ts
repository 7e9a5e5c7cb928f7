/** The storage contract: what the API server requires of a store, independent of the implementation. */

import type { ObjectForms } from './object-forms.ts';
import type { SelectionAttributes, SelectionPredicate } from './selection-predicate.ts';

/**
 * An object at one revision. `bytes` is its storage encoding (JSON of the storage version, `metadata.resourceVersion`
 * included), so that a response can be assembled without parsing. `object()` decodes; each call returns a new value,
 * which the caller may modify.
 */
export interface StoredObject<T> {
  /** Key within the resource: `namespace/name`, or `name`. */
  readonly key: string;
  /** The revision of the write that produced this state; grows with every write to the resource. */
  readonly resourceVersion: number;
  readonly bytes: Uint8Array;
  object(): T;
  /** Like `object`, but yields to the event loop while decoding a large object. */
  objectInPieces(): Promise<T>;
  /** Cache for forms derived from this state. */
  readonly forms?: ObjectForms | undefined;
}

/** Converts objects of one resource to bytes and back, and inserts a revision. */
export interface StorageCodec<T> {
  /** Encodes `object` with `metadata.resourceVersion` set to `resourceVersion`. */
  encode(object: T, resourceVersion: number): Uint8Array;
  /** The same bytes; yields to the event loop while encoding a large object. Absent: no object is large. */
  encodeInPieces?(object: T, resourceVersion: number): Promise<Uint8Array>;
  /** Decodes to a new value. Throws for bytes that aren't this resource's. */
  decode(bytes: Uint8Array): T;
  /** Like `decode`, in pieces like `encodeInPieces`. */
  decodeInPieces?(bytes: Uint8Array): Promise<T>;
  /** The same bytes with another revision: a deleted object is reported at its deletion's revision. */
  rewriteResourceVersion(bytes: Uint8Array, resourceVersion: number): Uint8Array;
}

/** Transforms bytes at rest; implemented by encryption providers. `key` is authenticated with the data. */
export interface ValueTransformer {
  toStorage(plain: Uint8Array, key: string): Promise<Uint8Array>;
  /** `stale` requests a rewrite on the next update even if the plain bytes are equal (key rotation). */
  fromStorage(stored: Uint8Array, key: string): Promise<{ plain: Uint8Array; stale: boolean }>;
}

/** The storage configuration of one resource. */
export interface StorageConfig<T> {
  /** Storage prefix of the group's resource, shared by all served versions: `/registry/apps/deployments`. */
  readonly resourcePrefix: string;
  readonly codec: StorageCodec<T>;
  /** Labels and selectable fields of an object; called once per stored state and cached with it. */
  readonly attributes: (object: T) => SelectionAttributes;
  /** Terms by which objects are found, besides their keys (`SparseReads.having`). Absent: none. */
  readonly terms?: ((object: T) => readonly string[]) | undefined;
  /** A hint on what the finder of an object may look up next, available before the object is read (`Found.leads`). */
  readonly lead?: ((object: T) => string) | undefined;
  /** Format version of `lead`: raised when leads of an earlier release would be misread. Default 1. */
  readonly leadFormat?: number | undefined;
  readonly transformer?: ValueTransformer;
  /**
   * Maximum age of writes that a watch or an exact list may start from; at most, and by default, what the store keeps.
   */
  readonly historyMs?: number | undefined;
}

/**
 * Pairs of texts stored beside the resources, for lookups by other than an object's key. They have no revisions; a call
 * sees everything added or removed before it. Every method throws only `StorageError`.
 */
export interface PairIndex {
  /** Does nothing if the pair exists. */
  add(key: string, value: string): Promise<void>;
  remove(key: string, value: string): Promise<void>;
  valuesOf(key: string): Promise<readonly string[]>;
  all(): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
}

/** The kind of request expected next. */
export type PrefetchKind = 'read' | 'write';

/** An object of a new resource: its key, and its encoding at any revision. */
export interface Seed {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** Creates a `Storage` per resource; one per tenant and process. */
export interface StorageFactory {
  storageFor<T>(config: StorageConfig<T>): Storage<T>;
  /** The pair index with that name. */
  pairs(name: string): PairIndex;
  /** Resolves when the store answers; rejects with `StorageError` (Unreachable) and the reason. */
  ready(): Promise<void>;
  /**
   * Deletes the resource's expired objects, so that watchers are notified; returns how many. To be called by a
   * scheduler: reads leave out expired objects anyway. Safe to run concurrently.
   */
  sweepExpired<T>(config: StorageConfig<T>): Promise<number>;
  /**
   * Removes what a resource no longer needs (tombstones, old log entries) if the store doesn't do so itself; returns
   * the number of items. Safe to run concurrently.
   */
  removeLeftovers<T>(config: StorageConfig<T>): Promise<number>;
  /**
   * Makes every later revision of the resource larger than `revision`; does nothing if that is so already. For a
   * restore: the caller guarantees that no other process writes to the resource, or follows its log.
   */
  fastForward<T>(config: StorageConfig<T>, revision: number): Promise<void>;
  /**
   * The newest revision of the resource taken by any process, perhaps as of a moment ago: one read, whether or not the
   * resource is known. Throws NewerFormat.
   */
  newestRevision(resourcePrefix: string): Promise<number>;
  /**
   * Prefetches for a list, watch or write of the resource that may follow, if it needs a read. Default: a list or a
   * watch.
   */
  prefetch(resourcePrefix: string, what?: PrefetchKind): void;
  /** Declares resources that most requests need: if the store can tell by one read which of them changed, it does. */
  follow(resourcePrefixes: Iterable<string>): void;
  /**
   * Prepares a new store for `follow` and `written`, before any of these resources is written to; does nothing to a
   * store that has objects of them.
   */
  gatherHeads(): Promise<void>;
  /** Prefetches the state of the followed resources. */
  refreshHeads(): Promise<void>;
  /**
   * Prefixes of all resources written to before the call, and perhaps of more: others have no objects. One read,
   * whatever the number. Undefined: not known, or reading empty resources costs nothing.
   */
  written(): Promise<ReadonlySet<string> | undefined>;
  /**
   * Writes the first objects of new resources, by storage prefix: a few transactions, each with all objects of its
   * resources. Controllers that observe writes don't see them, and no watch can start before them. False: they must be
   * created one by one, because some resources were written to before, don't fit into a transaction, or may have failed;
   * others may have been written. Rejects with StorageError. Absent: the store doesn't support it.
   */
  readonly plant?: ((seeds: ReadonlyMap<string, readonly Seed[]>) => Promise<boolean>) | undefined;
  /** Number of objects of each resource held in memory, by prefix, without a read. */
  objectCounts(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Upstream's `storage.Preconditions`: conditions on the stored object for a write to proceed. */
export interface Preconditions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface CreateOptions {
  /** Seconds until the object expires; absent: never. */
  readonly ttlSeconds?: number | undefined;
}

export interface GetOptions {
  /** '' or unset: most recent. '0': any. 'N': not older than N. */
  readonly resourceVersion?: string | undefined;
  /** Without a resourceVersion: maximum age of state in memory, in milliseconds; unset: most recent. */
  readonly maxStalenessMs?: number | undefined;
  /** Without either: milliseconds; a read of the object that started at most that long ago is recent enough. */
  readonly readWithinMs?: number | undefined;
}

export interface DeleteOptions<T> {
  readonly preconditions?: Preconditions | undefined;
  /** Called with the state about to be deleted; throws to refuse (admission). May run more than once. */
  readonly validateDeletion?: ((object: T) => Promise<void>) | undefined;
  /** A state read before, which is tried first, to save a read. */
  readonly cached?: StoredObject<T> | undefined;
}

/** Result of `tryUpdate`: a new state, or `undefined` to leave the object unchanged. */
export interface UpdateResult<T> {
  readonly object: T;
  /** Seconds; `undefined` keeps the object's expiry. */
  readonly ttlSeconds?: number | undefined;
}

export interface UpdateOptions<T> {
  readonly preconditions?: Preconditions | undefined;
  /** Whether to create an absent object: `tryUpdate` is then called with `undefined`. Otherwise it is KeyNotFound. */
  readonly ignoreNotFound?: boolean;
  /**
   * Computes the next state from the current one, whose `resourceVersion` is 0 if absent. Runs again after a conflict,
   * so it must have no side effects. An error ends the update without a write.
   */
  readonly tryUpdate: (current: T | undefined, resourceVersion: number) => Promise<UpdateResult<T>>;
  /** Called with each state before it is decoded, which takes many times its bytes; an error ends the update. */
  readonly beforeDecode?: ((state: StoredObject<T>) => void) | undefined;
  readonly cached?: StoredObject<T> | undefined;
}

export type ResourceVersionMatch = '' | 'NotOlderThan' | 'Exact';

export interface ListOptions {
  /** Key prefix: '' for all, `namespace/` for one namespace. */
  readonly prefix: string;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: ResourceVersionMatch | undefined;
  /** See `GetOptions`. */
  readonly maxStalenessMs?: number | undefined;
  /** 0 or unset: no limit. */
  readonly limit?: number | undefined;
  /** Opaque token of an earlier page. */
  readonly continue?: string | undefined;
  readonly predicate?: SelectionPredicate | undefined;
  /** Called with the objects of the list if a webhook converts them, before it does; an error ends the list. */
  readonly beforeConversion?: ((items: readonly StoredObject<unknown>[]) => void) | undefined;
}

export interface ListResult<T> {
  readonly items: readonly StoredObject<T>[];
  /** The revision of the list's snapshot. */
  readonly resourceVersion: number;
  /** '' on the last page. */
  readonly continue: string;
  /** Number of objects after this page; unset if a selector makes it unknown. */
  readonly remainingItemCount?: number | undefined;
}

export interface WatchOptions {
  readonly prefix: string;
  /**
   * '' or unset, without `sendInitialEvents`: start now, with synthetic ADDED events for existing objects ("get state
   * and start at most recent"). '0': the same from any state. 'N': every change after N, or Expired.
   */
  readonly resourceVersion?: string | undefined;
  /** WatchList (KEP-3157): initial ADDED events, then a bookmark annotated `k8s.io/initial-events-end`. */
  readonly sendInitialEvents?: boolean | undefined;
  readonly resourceVersionMatch?: ResourceVersionMatch | undefined;
  readonly predicate?: SelectionPredicate | undefined;
  /** Whether to send bookmarks, at least once a minute, with the resource's progress. */
  readonly allowBookmarks?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly item: StoredObject<T> }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: number; readonly initialEventsEnd?: boolean };

/**
 * A running watch. Iteration ends when the watch is stopped, and throws a `StorageError` if it can't continue (Expired
 * if the watcher fell behind the log). Events arrive in revision order, once each.
 */
export interface Watch<T> extends AsyncIterable<WatchEvent<T>> {
  stop(): void;
}

export interface Snapshot<T> {
  readonly resourceVersion: number;
  /** In key order. */
  readonly items: readonly StoredObject<T>[];
}

/** Result of a search, before the objects are read. */
export interface Found<T> {
  /** The `StorageConfig.lead` of each object when it was last written; the object may have changed since. */
  readonly leads: readonly string[];
  /** The objects that have one of the terms, in key order, in their current state. */
  read(): Promise<readonly StoredObject<T>[]>;
}

/** Reads for callers that need a few of perhaps very many objects, and no common revision. Throws as `Storage` does. */
export interface SparseReads<T> {
  /** The snapshot, if the resource is in memory, or if recent reads were frequent enough to load it. */
  held(maxStalenessMs: number): Promise<Snapshot<T> | undefined>;
  /**
   * Objects below a key prefix, in key order; writes since `maxStalenessMs` ago may be missing. Undefined: there are
   * `atMost` objects or more, and no more were read; never if that is absent.
   */
  below(
    prefix: string,
    options: { readonly maxStalenessMs: number; readonly atMost?: number | undefined },
  ): Promise<readonly StoredObject<T>[] | undefined>;
  /**
   * Objects that have one of these terms; writes since `maxStalenessMs` ago may be missing. Undefined: only a snapshot
   * can tell.
   */
  having(terms: readonly string[], maxStalenessMs: number): Promise<Found<T> | undefined>;
  /**
   * The `StorageConfig.lead` of every object that has terms, in key order: each as of some moment since
   * `maxStalenessMs` before the call. The same map until something changes. Undefined: a snapshot is cheaper, or only
   * that can tell.
   */
  leads(maxStalenessMs: number): Promise<ReadonlyMap<string, string> | undefined>;
  /** Updates the index for `having` and `leads`: to be called after writes, once for many. Safe to run concurrently. */
  index(): Promise<void>;
}

/**
 * The objects of one resource. Modelled on upstream's `storage.Interface`
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/storage/interfaces.go). Every method throws only
 * `StorageError`, and errors of callbacks.
 */
export interface Storage<T> {
  readonly resourcePrefix: string;
  /** Throws KeyExists. `object` must not have a resourceVersion. */
  create(key: string, object: T, options?: CreateOptions): Promise<StoredObject<T>>;
  /** Throws KeyNotFound; TooLargeResourceVersion if the requested revision isn't reached in time. */
  get(key: string, options?: GetOptions): Promise<StoredObject<T>>;
  /** Returns the last state, at the deletion's revision. Throws KeyNotFound, InvalidPreconditions. */
  delete(key: string, options?: DeleteOptions<T>): Promise<StoredObject<T>>;
  /**
   * Deletes an object that can't be read, or only checks whether it would (`dryRun`); without admission. Throws
   * KeyNotFound, and InvalidObject if the object can be read. Watches get no event, and lists of past revisions leave
   * the object out.
   */
  deleteUnreadable(key: string, options: { readonly dryRun: boolean }): Promise<void>;
  /** Throws KeyNotFound, InvalidPreconditions. A result equal to the current bytes writes nothing. */
  guaranteedUpdate(key: string, options: UpdateOptions<T>): Promise<StoredObject<T>>;
  /** A snapshot at one revision. Throws Expired (410), TooLargeResourceVersion, InvalidContinueToken. */
  list(options: ListOptions): Promise<ListResult<T>>;
  /** Throws Expired at once if changes after the requested revision are no longer kept. */
  watch(options: WatchOptions): Promise<Watch<T>>;
  /**
   * Every object, from the in-memory replica synced at most `maxStalenessMs` ago (0: now). Returns the same `Snapshot`
   * value until something changes, so that compiled forms can be cached beside it.
   */
  snapshot(maxStalenessMs: number): Promise<Snapshot<T>>;
  /** Like `snapshot`, if that needs no read, because a write uses many of them; otherwise undefined. */
  cachedSnapshot?(maxStalenessMs: number): Snapshot<T> | undefined;
  /**
   * The state that the write at `revision` replaced or deleted, at its own revision. Undefined if there was none, or if
   * the store no longer has it.
   */
  replacedAt(revision: number): Promise<StoredObject<T> | undefined>;
  /**
   * The object as reads would return it after a write, if that differs from decoding its bytes. Takes ownership of the
   * object, and throws as a write would.
   */
  asRead?(object: T): Promise<T>;
  /** Number of live objects, for metrics; may be slightly out of date. */
  count(): Promise<number>;
  /** Absent where a snapshot costs nothing. */
  readonly sparse?: SparseReads<T> | undefined;
}
