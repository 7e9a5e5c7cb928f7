/** How the server's own parts (admission, authorization, controllers) read and write the API they serve. */

import type { KubeObject } from '../meta/kube-object.ts';
import type { GroupResource, GroupVersionResource } from '../runtime/group-version.ts';

/** How old, in milliseconds, what a lister tells may be where nothing else is asked for. */
export const DEFAULT_STALENESS_MS = 500;

/** All objects of a resource, as of one revision; the same value until something changes. */
export interface ListerSnapshot<T extends KubeObject> {
  readonly resourceVersion: number;
  /** Internal objects, shared: never change them. In key order. */
  readonly items: readonly T[];
  /** One of them. `key`: `namespace/name`, or `name`. */
  get(key: string): T | undefined;
  /**
   * Those whose stored JSON contains one of `texts`: all that can have a field or a value, and perhaps some more. The
   * others are neither decoded nor kept decoded, which counts where there are very many.
   */
  containing(texts: readonly string[]): Promise<readonly T[]>;
}

/** `Found` of a storage, decoded. */
export interface FoundObjects<T extends KubeObject> {
  readonly leads: readonly string[];
  read(): Promise<readonly T[]>;
}

/** `SparseReads` of a storage, decoded. Objects are shared: never change them. */
export interface SparseLister<T extends KubeObject> {
  held(maxStalenessMs?: number): Promise<ListerSnapshot<T> | undefined>;
  below(namespace: string, atMost?: number): Promise<readonly T[] | undefined>;
  having(terms: readonly string[], maxStalenessMs?: number): Promise<FoundObjects<T> | undefined>;
  index(): Promise<void>;
}

/**
 * Reads of a resource: from the replica in memory, and of single objects from the store where there is no replica. What
 * is compiled from a snapshot is kept beside it (WeakMap by snapshot, or compared by `resourceVersion`), so that nothing
 * is compiled per request.
 */
export interface ResourceLister<T extends KubeObject> {
  /** At most `maxStalenessMs` old; default `DEFAULT_STALENESS_MS`, 0 = read the log first. */
  snapshot(maxStalenessMs?: number): Promise<ListerSnapshot<T>>;
  /** `namespace` is '' for cluster-scoped kinds. A shared object: never change it. */
  get(namespace: string, name: string, maxStalenessMs?: number): Promise<T | undefined>;
  list(namespace: string, maxStalenessMs?: number): Promise<readonly T[]>;
  /** What the write at `revision` replaced or deleted; undefined where there was nothing, or nobody knows any more. */
  replacedAt(revision: number): Promise<T | undefined>;
  /** Undefined where a snapshot costs nothing. */
  sparse?(): Promise<SparseLister<T> | undefined>;
}

/** Which object, or which part of it. */
export interface ObjectPlace {
  /** '' or absent for cluster-scoped kinds. */
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly subresource?: string | undefined;
}

/** Where what is absent follows from the object. */
export interface PartialPlace extends Omit<ObjectPlace, 'name'> {
  readonly name?: string | undefined;
}

export interface ListOptions {
  /** '' or absent: all of them. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

interface WriteOptions {
  readonly dryRun?: boolean | undefined;
  readonly fieldManager?: string | undefined;
}

/** The place is the object's own where nothing else is said. */
export interface CreateOptions extends WriteOptions, PartialPlace {}
export interface UpdateOptions extends WriteOptions, PartialPlace {}

export interface PatchOptions extends WriteOptions, ObjectPlace {
  /** Absent: `application/merge-patch+json`. */
  readonly patchType?:
    | 'application/merge-patch+json'
    | 'application/json-patch+json'
    | 'application/apply-patch+yaml';
  /** An apply takes over what others own. */
  readonly force?: boolean | undefined;
}

export interface DeleteOptions extends ObjectPlace {
  readonly dryRun?: boolean | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground' | undefined;
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
}

/**
 * The API as its own server sees it: requests run through the whole chain as `system:apiserver`, objects are in the
 * version asked for, errors are `StatusError`s. Each verb takes what it sends, and no more.
 */
export interface LoopbackClient {
  get<T extends KubeObject>(resource: GroupVersionResource, options: ObjectPlace): Promise<T>;
  list<T extends KubeObject>(resource: GroupVersionResource, options?: ListOptions): Promise<T[]>;
  create<T extends KubeObject>(
    resource: GroupVersionResource,
    object: T,
    options?: CreateOptions,
  ): Promise<T>;
  update<T extends KubeObject>(
    resource: GroupVersionResource,
    object: T,
    options?: UpdateOptions,
  ): Promise<T>;
  patch<T extends KubeObject>(
    resource: GroupVersionResource,
    patch: unknown,
    options: PatchOptions,
  ): Promise<T>;
  delete(resource: GroupVersionResource, options: DeleteOptions): Promise<void>;
}

/** Nobody serves the resource: it never was there, or its definition is gone. */
export class UnknownResourceError extends Error {
  override readonly name = 'UnknownResourceError';
}

export interface ResourceAccess {
  /** Its reads reject with `UnknownResourceError` for a resource that isn't served; custom resources are found while their definition stands. */
  lister<T extends KubeObject>(resource: GroupResource): ResourceLister<T>;
  readonly client: LoopbackClient;
}
