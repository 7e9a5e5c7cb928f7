/** Access to the API for the server's own components (admission, authorization, controllers). */

import type { KubeObject } from '../meta/kube-object.ts';
import type { GroupResource, GroupVersionResource } from '../runtime/group-version.ts';

/** Default maximum age in milliseconds of data read from a lister. */
export const DEFAULT_STALENESS_MS = 500;

/** All objects of a resource at one revision. The same value until something changes. */
export interface ListerSnapshot<T extends KubeObject> {
  readonly resourceVersion: number;
  readonly size: number;
  /** Internal objects in key order. They are shared and must not be modified. */
  readonly items: readonly T[];
  /** Returns one object. `key` is `namespace/name` or `name`. */
  get(key: string): T | undefined;
  /**
   * The objects whose stored JSON contains one of `texts`: a superset of those with such a field or value. Other
   * objects are neither decoded nor cached in decoded form, which matters for very large resources. `of`: the part that
   * the caller needs of each, so that large objects are decoded one at a time.
   */
  containing<R = T>(texts: readonly string[], of?: (object: T) => R): Promise<readonly R[]>;
}

/** A decoded `Found` of a storage. */
export interface FoundObjects<T extends KubeObject> {
  readonly leads: readonly string[];
  read(): Promise<readonly T[]>;
}

/** Decoded `SparseReads` of a storage. Objects are shared and must not be modified. */
export interface SparseLister<T extends KubeObject> {
  held(maxStalenessMs?: number): Promise<ListerSnapshot<T> | undefined>;
  below(namespace: string, atMost?: number): Promise<readonly T[] | undefined>;
  having(terms: readonly string[], maxStalenessMs?: number): Promise<FoundObjects<T> | undefined>;
  index(): Promise<void>;
}

/**
 * Reads of a resource, from the replica in memory, or for single objects from the store if there is no replica. Keep
 * anything compiled from a snapshot beside it (in a WeakMap by snapshot, or by comparing `resourceVersion`) rather than
 * compile it per request.
 */
export interface ResourceLister<T extends KubeObject> {
  /** At most `maxStalenessMs` old; defaults to `DEFAULT_STALENESS_MS`. 0 reads the log first. */
  snapshot(maxStalenessMs?: number): Promise<ListerSnapshot<T>>;
  /** `namespace` is '' for cluster-scoped kinds. The object is shared and must not be modified. */
  get(namespace: string, name: string, maxStalenessMs?: number): Promise<T | undefined>;
  list(namespace: string, maxStalenessMs?: number): Promise<readonly T[]>;
  /** Number of objects in a namespace, or of all for ''; none is decoded. */
  count(namespace: string, maxStalenessMs?: number): Promise<number>;
  /**
   * The object that the write at `revision` replaced or deleted; undefined if there was none or it is no longer known.
   */
  replacedAt(revision: number): Promise<T | undefined>;
  /** Undefined if a snapshot is free. */
  sparse?(): Promise<SparseLister<T> | undefined>;
}

/** Identifies an object or a subresource of it. */
export interface ObjectPlace {
  /** '' or absent for cluster-scoped kinds. */
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly subresource?: string | undefined;
}

/** Missing parts are taken from the object. */
export interface PartialPlace extends Omit<ObjectPlace, 'name'> {
  readonly name?: string | undefined;
}

export interface ListOptions {
  /** '' or absent for all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

interface WriteOptions {
  readonly dryRun?: boolean | undefined;
  readonly fieldManager?: string | undefined;
}

/** The place defaults to the object's own. */
export interface CreateOptions extends WriteOptions, PartialPlace {}
export interface UpdateOptions extends WriteOptions, PartialPlace {}

export interface PatchOptions extends WriteOptions, ObjectPlace {
  /** Defaults to `application/merge-patch+json`. */
  readonly patchType?:
    | 'application/merge-patch+json'
    | 'application/json-patch+json'
    | 'application/apply-patch+yaml';
  /** Whether an apply takes over fields of other managers. */
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
 * Client for the server's own API. Requests pass through the whole handler chain as `system:apiserver`, objects are in
 * the requested version, and errors are `StatusError`s. Options are limited to those in use.
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

/** The resource isn't served: it never existed, or its definition was deleted. */
export class UnknownResourceError extends Error {
  override readonly name = 'UnknownResourceError';
}

export interface ResourceAccess {
  /**
   * Reads reject with `UnknownResourceError` for a resource that isn't served. Custom resources are available as long
   * as their definition exists.
   */
  lister<T extends KubeObject>(resource: GroupResource): ResourceLister<T>;
  readonly client: LoopbackClient;
}
