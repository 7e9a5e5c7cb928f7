/** The storage contract: what the API server needs of a store, and nothing about which store it is. */

import type { ObjectForms } from './object-forms.ts';
import type { SelectionAttributes, SelectionPredicate } from './selection-predicate.ts';

/**
 * One object as it stands at one revision.
 * `bytes` are the object's storage encoding (JSON of the storage version, `metadata.resourceVersion` included),
 * so that a response can be joined from them without a parse. `object()` decodes; each call returns a value of
 * its own, which the caller may change.
 */
export interface StoredObject<T> {
  /** Key within the resource: `namespace/name`, or `name`. */
  readonly key: string;
  /** The revision of the write that made this state; grows with every write to the resource. */
  readonly resourceVersion: number;
  readonly bytes: Uint8Array;
  object(): T;
  /** As `object`, and leaves the event loop to others while it decodes a large one. */
  objectInPieces(): Promise<T>;
  /** Where what is made of this state can be kept beside it. */
  readonly forms?: ObjectForms | undefined;
}

/** How objects of one resource become bytes, and where a revision is put into them. */
export interface StorageCodec<T> {
  /** Encodes `object` with `metadata.resourceVersion` set to `resourceVersion`. */
  encode(object: T, resourceVersion: number): Uint8Array;
  /** The same bytes; leaves the event loop to others while it writes a large object. Absent: none is large. */
  encodeInPieces?(object: T, resourceVersion: number): Promise<Uint8Array>;
  /** Decodes to a fresh value. Throws on bytes that aren't this resource's. */
  decode(bytes: Uint8Array): T;
  /** As `decode`, in pieces like `encodeInPieces`. */
  decodeInPieces?(bytes: Uint8Array): Promise<T>;
  /** The same bytes under another revision: a deleted object is reported at its deletion's revision. */
  rewriteResourceVersion(bytes: Uint8Array, resourceVersion: number): Uint8Array;
}

/** Bytes at rest: the hook under which encryption providers stand. `key` is authenticated with the data. */
export interface ValueTransformer {
  toStorage(plain: Uint8Array, key: string): Promise<Uint8Array>;
  /** `stale` asks for a rewrite on the next update although the plain bytes are equal (key rotation). */
  fromStorage(stored: Uint8Array, key: string): Promise<{ plain: Uint8Array; stale: boolean }>;
}

/** All that tells one resource's storage from another's. */
export interface StorageConfig<T> {
  /** Storage prefix of the group's resource, shared by all served versions: `/registry/apps/deployments`. */
  readonly resourcePrefix: string;
  readonly codec: StorageCodec<T>;
  /** Labels and selectable fields of an object; called once per stored state and cached with it. */
  readonly attributes: (object: T) => SelectionAttributes;
  /** By what objects are found beside their keys (`SparseReads.having`). Left out: by nothing. */
  readonly terms?: ((object: T) => readonly string[]) | undefined;
  /** What whoever finds an object by a term may look for next, told before the object is read (`Found.leads`). */
  readonly lead?: ((object: T) => string) | undefined;
  /** Of what `lead` says: raised when what an earlier release said would be misread. Default 1. */
  readonly leadFormat?: number | undefined;
  readonly transformer?: ValueTransformer;
  /** How old a write may be that a watch or an exact list starts from; at most, and by default, what the store keeps. */
  readonly historyMs?: number | undefined;
}

/**
 * Pairs of texts beside the resources, for what must be found by more than its key. They have no revisions; what was
 * added or removed before a call is seen by it. Every method throws `StorageError` and nothing else.
 */
export interface PairIndex {
  /** Does nothing where the pair is there. */
  add(key: string, value: string): Promise<void>;
  remove(key: string, value: string): Promise<void>;
  valuesOf(key: string): Promise<readonly string[]>;
  all(): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
}

/** What may be asked of a resource next. */
export type Foreseen = 'read' | 'write';

/** Makes a `Storage` per resource; one per tenant and process. */
export interface StorageFactory {
  storageFor<T>(config: StorageConfig<T>): Storage<T>;
  /** The pairs of a name. */
  pairs(name: string): PairIndex;
  /** Resolves when the store answers; rejects with `StorageError` (Unreachable) saying why not. */
  ready(): Promise<void>;
  /**
   * Deletes the resource's expired objects, so that watchers hear of it; returns how many. For a scheduler: reads
   * leave expired objects out anyway. Safe to run twice at once.
   */
  sweepExpired<T>(config: StorageConfig<T>): Promise<number>;
  /**
   * Removes what a resource no longer needs to be correct (tombstones, old log entries) where the store doesn't do
   * so by itself; returns how many items. Safe to run twice at once.
   */
  removeLeftovers<T>(config: StorageConfig<T>): Promise<number>;
  /**
   * Makes every later revision of the resource larger than `revision`; where it is so already, does nothing. For a
   * restore: the caller promises that no other process writes to the resource, or follows its log.
   */
  fastForward<T>(config: StorageConfig<T>, revision: number): Promise<void>;
  /**
   * The newest revision that any process has taken of the resource, perhaps a moment ago: by one read, whether or not
   * the resource is known. Throws NewerFormat.
   */
  newestRevision(resourcePrefix: string): Promise<number>;
  /**
   * A list or a watch of the resource may follow, or a write: what it begins with is read meanwhile, where that takes a
   * read. Default: a list or a watch.
   */
  foresee(resourcePrefix: string, what?: Foreseen): void;
  /**
   * Names resources that are asked for on most requests: where the store can tell of all of them by one read whether
   * they changed, it does.
   */
  follow(resourcePrefixes: Iterable<string>): void;
  /**
   * Prepares a new store for that, and for `written`, before any of these is written to; does nothing to one that has
   * objects of them.
   */
  gatherHeads(): Promise<void>;
  /** Reads what tells of them, for who will ask soon. */
  look(): Promise<void>;
  /**
   * Prefixes of all resources that were written to before the call, and perhaps of more: what is not among them had no
   * objects. By one read, whatever there is. Undefined: nobody knows, or reading what nobody wrote to costs nothing.
   */
  written(): Promise<ReadonlySet<string> | undefined>;
  /** Objects of each resource that is held in memory, by its prefix: what is known without asking the store. */
  objectCounts(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Upstream's `storage.Preconditions`: what must hold of the stored object for a write to go ahead. */
export interface Preconditions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface CreateOptions {
  /** Seconds after which the object expires; none = never. */
  readonly ttlSeconds?: number | undefined;
}

export interface GetOptions {
  /** '' or unset: most recent. '0': whatever is at hand. 'N': not older than N. */
  readonly resourceVersion?: string | undefined;
  /** Without a resourceVersion: how old, in milliseconds, what is in memory may be; unset: not at all. */
  readonly maxStalenessMs?: number | undefined;
  /** Without either: milliseconds; what a read of the object found that began no longer ago is recent enough. */
  readonly readWithinMs?: number | undefined;
}

export interface DeleteOptions<T> {
  readonly preconditions?: Preconditions | undefined;
  /** Called with the state about to be deleted; throws to refuse (admission). May run more than once. */
  readonly validateDeletion?: ((object: T) => Promise<void>) | undefined;
  /** A state read before: tried first, so that the common case costs no read. */
  readonly cached?: StoredObject<T> | undefined;
}

/** What `tryUpdate` decides: a new state, or `undefined` for "leave it as it is". */
export interface UpdateResult<T> {
  readonly object: T;
  /** Seconds; `undefined` keeps the expiry the object has. */
  readonly ttlSeconds?: number | undefined;
}

export interface UpdateOptions<T> {
  readonly preconditions?: Preconditions | undefined;
  /** Create when absent: `tryUpdate` is then called with `undefined`. Otherwise absent is KeyNotFound. */
  readonly ignoreNotFound?: boolean;
  /**
   * Computes the next state from the current one, whose `resourceVersion` is 0 when absent. Runs again whenever
   * another writer was first; must have no effects of its own. What it throws ends the update, unchanged.
   */
  readonly tryUpdate: (current: T | undefined, resourceVersion: number) => Promise<UpdateResult<T>>;
  /** Told of each state before it is decoded, which takes many times its bytes; what it throws ends the update. */
  readonly beforeDecode?: ((state: StoredObject<T>) => void) | undefined;
  readonly cached?: StoredObject<T> | undefined;
}

export type ResourceVersionMatch = '' | 'NotOlderThan' | 'Exact';

export interface ListOptions {
  /** Key prefix: '' for all, `namespace/` for one namespace. */
  readonly prefix: string;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: ResourceVersionMatch | undefined;
  /** As of `GetOptions`. */
  readonly maxStalenessMs?: number | undefined;
  /** 0 or unset: no limit. */
  readonly limit?: number | undefined;
  /** Opaque token of an earlier page. */
  readonly continue?: string | undefined;
  readonly predicate?: SelectionPredicate | undefined;
}

export interface ListResult<T> {
  readonly items: readonly StoredObject<T>[];
  /** The revision the list is a snapshot of. */
  readonly resourceVersion: number;
  /** '' on the last page. */
  readonly continue: string;
  /** Objects after this page; unset when a selector makes the count unknown. */
  readonly remainingItemCount?: number | undefined;
}

export interface WatchOptions {
  readonly prefix: string;
  /**
   * '' or unset with no `sendInitialEvents`: start now, with synthetic ADDED events for what exists ("get state and
   * start at most recent"). '0': the same from any state. 'N': every change after N, or Expired.
   */
  readonly resourceVersion?: string | undefined;
  /** WatchList (KEP-3157): initial ADDED events, then a bookmark annotated `k8s.io/initial-events-end`. */
  readonly sendInitialEvents?: boolean | undefined;
  readonly resourceVersionMatch?: ResourceVersionMatch | undefined;
  readonly predicate?: SelectionPredicate | undefined;
  /** Bookmarks at least once a minute, with the resource's progress. */
  readonly allowBookmarks?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly item: StoredObject<T> }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: number; readonly initialEventsEnd?: boolean };

/**
 * A running watch. Iteration ends when the watch is stopped, and throws a `StorageError` (Expired when the
 * watcher fell behind the log or its own buffer) when it can't go on. Events arrive in revision order, once each.
 */
export interface Watch<T> extends AsyncIterable<WatchEvent<T>> {
  stop(): void;
}

export interface Snapshot<T> {
  readonly resourceVersion: number;
  /** In key order. */
  readonly items: readonly StoredObject<T>[];
}

/** What a search found, before it is read. */
export interface Found<T> {
  /** Of each object what `StorageConfig.lead` said when it was written; who was fast may find another there. */
  readonly leads: readonly string[];
  /** Those of them that have one of the terms, in key order, each as it stands. */
  read(): Promise<readonly StoredObject<T>[]>;
}

/**
 * Reads for who needs a few of perhaps very many objects, and no state of all of them at one revision. Throws as
 * `Storage` does.
 */
export interface SparseReads<T> {
  /** The snapshot, where the resource is in memory, or where so much was spent on it of late that it had better be. */
  held(maxStalenessMs: number): Promise<Snapshot<T> | undefined>;
  /**
   * Objects below a key prefix, in key order; what was written since `maxStalenessMs` ago may be missing. Undefined: there
   * are as many as `atMost` or more, of which no more were read; never where that is left out.
   */
  below(
    prefix: string,
    options: { readonly maxStalenessMs: number; readonly atMost?: number | undefined },
  ): Promise<readonly StoredObject<T>[] | undefined>;
  /**
   * Objects that have one of these terms; what was written since `maxStalenessMs` ago may be missing. Undefined: only a
   * snapshot knows.
   */
  having(terms: readonly string[], maxStalenessMs: number): Promise<Found<T> | undefined>;
  /**
   * Of every object that has terms what `StorageConfig.lead` says of it, in key order: each as it stood at some moment
   * since `maxStalenessMs` before the call. The same map for as long as nothing changes. Undefined: a snapshot is cheaper,
   * or only that knows.
   */
  leads(maxStalenessMs: number): Promise<ReadonlyMap<string, string> | undefined>;
  /** Prepares `having` and `leads`: to be called after writes, once for many. Safe to run at once with others. */
  index(): Promise<void>;
}

/**
 * The objects of one resource. Modelled on upstream's `storage.Interface`
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/storage/interfaces.go).
 * Every method throws `StorageError` and nothing else, save what callbacks throw.
 */
export interface Storage<T> {
  readonly resourcePrefix: string;
  /** Throws KeyExists. `object` must carry no resourceVersion. */
  create(key: string, object: T, options?: CreateOptions): Promise<StoredObject<T>>;
  /** Throws KeyNotFound; TooLargeResourceVersion when the asked revision isn't reached in time. */
  get(key: string, options?: GetOptions): Promise<StoredObject<T>>;
  /** Returns the last state, at the deletion's revision. Throws KeyNotFound, InvalidPreconditions. */
  delete(key: string, options?: DeleteOptions<T>): Promise<StoredObject<T>>;
  /**
   * Deletes what can't be read, or would (`dryRun`); nothing is asked of it. Throws KeyNotFound, InvalidObject of what can
   * be read. Watches hear nothing of it, and lists of the past leave it out.
   */
  deleteUnreadable(key: string, options: { readonly dryRun: boolean }): Promise<void>;
  /** Throws KeyNotFound, InvalidPreconditions. A result equal to the current bytes writes nothing. */
  guaranteedUpdate(key: string, options: UpdateOptions<T>): Promise<StoredObject<T>>;
  /** A snapshot at one revision. Throws Expired (410), TooLargeResourceVersion, InvalidContinueToken. */
  list(options: ListOptions): Promise<ListResult<T>>;
  /** Throws Expired at once if changes after the asked revision are no longer held. */
  watch(options: WatchOptions): Promise<Watch<T>>;
  /**
   * Every object, from the in-memory replica synced at most `maxStalenessMs` ago (0: now). The same `Snapshot`
   * value is returned for as long as nothing changed, so that what is compiled from it can be kept beside it.
   */
  snapshot(maxStalenessMs: number): Promise<Snapshot<T>>;
  /** The same where nothing has to be read for it: a write looks into many. Undefined elsewhere. */
  snapshotAtHand?(maxStalenessMs: number): Snapshot<T> | undefined;
  /**
   * What the write at `revision` replaced or deleted, under the revision it had. Undefined where there was nothing, and
   * where the store no longer tells.
   */
  replacedAt(revision: number): Promise<StoredObject<T> | undefined>;
  /**
   * What reads would make of an object that was written, where that is more than its bytes tell. Takes the object over,
   * and throws what a write would.
   */
  asRead?(object: T): Promise<T>;
  /** Number of live objects, for metrics; may be a little old. */
  count(): Promise<number>;
  /** Left out where a snapshot costs nothing. */
  readonly sparse?: SparseReads<T> | undefined;
}
