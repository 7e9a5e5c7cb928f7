/**
 * The operations of a resource, as small capability interfaces that are detected by their methods
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/rest/rest.go). Objects are in the group's internal
 * form. All methods throw `StatusError`.
 */

import type { KubeObject } from '../meta/kube-object.ts';
import type { Status } from '../meta/status-error.ts';
import type { ApiResponse } from '../request/api-request.ts';
import type { RequestContext } from '../request/request-context.ts';
import type { GroupResource, GroupVersionKind } from '../runtime/group-version.ts';
import type { ObjectForms } from '../storage/object-forms.ts';
import type { SelectionAttributes } from '../storage/selection-predicate.ts';
import type { ResourceVersionMatch } from '../storage/storage.ts';
import type { ResourceLister } from './resource-access.ts';
import type { ResetFields } from './strategy.ts';

/**
 * One object of an answer. `object()` decodes to the internal form and returns a new value on each call. `bytes` is the
 * JSON in the storage version (`RESTStorage.storageVersion`), if available, and can be sent unchanged.
 */
export interface RESTObject<T extends KubeObject = KubeObject> {
  object(): T;
  /**
   * Like `object`, but yields to the event loop while it decodes a large object. Absent if there is nothing to decode.
   */
  objectInPieces?(): Promise<T>;
  readonly bytes?: Uint8Array | undefined;
  /** Size of the JSON that `object` decodes, if it isn't `bytes`. */
  readonly storedBytes?: number | undefined;
  /** Cache for values derived from this version of the object. */
  readonly forms?: ObjectForms | undefined;
}

export const objectOf = async <T extends KubeObject>(item: RESTObject<T>): Promise<T> =>
  (await item.objectInPieces?.()) ?? item.object();

/** Size of the object in storage, in bytes; 0 if it isn't stored. */
export const sizeOf = ({ bytes, storedBytes }: RESTObject): number => storedBytes ?? bytes?.length ?? 0;

/** Wraps a computed object, of which the receiver takes ownership. */
export function restObject<T extends KubeObject>(object: T): RESTObject<T> {
  return { object: () => object };
}

export function isStatus(result: RESTObject | Status): result is Status {
  return (result as Status).kind === 'Status';
}

/** Common properties of resources and subresources. */
export interface RESTStorage {
  /** The resource without its subresource, for error messages and preconditions. */
  readonly groupResource: GroupResource;
  /** The version in which `bytes` is encoded; absent if nothing is stored. */
  readonly storageVersion?: GroupVersionKind | undefined;
}

export interface RESTGetOptions {
  readonly resourceVersion?: string | undefined;
}

export interface Getter extends RESTStorage {
  get(context: RequestContext, name: string, options: RESTGetOptions): Promise<RESTObject>;
}

/** Selects a part of a list or watch by a hash of each object. */
export interface ShardSelector {
  /** The canonical form. */
  readonly text: string;
  matches(attributes: Pick<SelectionAttributes, 'namespace' | 'uid'>): boolean;
}

/** `metainternalversion.ListOptions`, selectors parsed and converted to the internal version's field labels. */
export interface RESTListOptions {
  /** Canonical label selector; '' selects everything. */
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly shard?: ShardSelector | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: ResourceVersionMatch | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly allowWatchBookmarks?: boolean | undefined;
  readonly sendInitialEvents?: boolean | undefined;
}

export interface RESTList {
  readonly items: readonly RESTObject[];
  readonly resourceVersion: string;
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
  /** The selector, if the list is a part. */
  readonly shard?: string | undefined;
}

export interface Lister extends RESTStorage {
  list(context: RequestContext, options: RESTListOptions): Promise<RESTList>;
}

export type RESTWatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly item: RESTObject }
  | {
      readonly type: 'BOOKMARK';
      readonly resourceVersion: string;
      readonly initialEventsEnd?: boolean | undefined;
    };

export interface RESTWatch extends AsyncIterable<RESTWatchEvent> {
  stop(): void;
}

export interface Watcher extends RESTStorage {
  watch(context: RequestContext, options: RESTListOptions): Promise<RESTWatch>;
}

/** Validating admission, called by storage immediately before the write. Throws to reject it. */
export type ValidateObject<T extends KubeObject = KubeObject> = (object: T) => Promise<void>;
export type ValidateObjectUpdate<T extends KubeObject = KubeObject> = (object: T, old: T) => Promise<void>;

export interface RESTCreateOptions {
  readonly dryRun: boolean;
  readonly fieldManager?: string | undefined;
  readonly fieldValidation?: string | undefined;
}

export interface Creater extends RESTStorage {
  create(
    context: RequestContext,
    object: KubeObject,
    validate: ValidateObject,
    options: RESTCreateOptions,
  ): Promise<RESTObject>;
}

/** Creation below a named parent: bindings, evictions, tokens. */
export interface NamedCreater extends RESTStorage {
  createNamed(
    context: RequestContext,
    name: string,
    object: KubeObject,
    validate: ValidateObject,
    options: RESTCreateOptions,
  ): Promise<RESTObject>;
}

/** Creation below a parent, of an object whose UID and other system fields are the parent's: bindings. */
export interface SubresourceObjectMetaPreserver extends RESTStorage {
  readonly preservesObjectMeta: true;
}

/**
 * Computes the object to store from the current one (`rest.UpdatedObjectInfo`): the body of a PUT, or the result of a
 * patch.
 */
export interface UpdatedObjectInfo {
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  /** `old` is undefined if the object doesn't exist. Called again after each conflict. */
  updatedObject(context: RequestContext, old: KubeObject | undefined): Promise<KubeObject>;
}

export interface RESTUpdateOptions extends RESTCreateOptions {
  readonly createValidation: ValidateObject;
  readonly updateValidation: ValidateObjectUpdate;
  /** Server-side apply creates missing objects. */
  readonly forceAllowCreate?: boolean | undefined;
}

export interface Updater extends RESTStorage {
  update(
    context: RequestContext,
    name: string,
    objectInfo: UpdatedObjectInfo,
    options: RESTUpdateOptions,
  ): Promise<{ readonly item: RESTObject; readonly created: boolean }>;
}

export interface RESTDeleteOptions {
  readonly gracePeriodSeconds?: number | undefined;
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  readonly orphanDependents?: boolean | undefined;
  readonly propagationPolicy?: string | undefined;
  readonly dryRun: boolean;
  readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean | undefined;
}

export interface GracefulDeleter extends RESTStorage {
  /** If `deleted` is false, deletion has begun (finalizers, grace period) and `result` is the current object. */
  delete(
    context: RequestContext,
    name: string,
    validate: ValidateObject,
    options: RESTDeleteOptions,
  ): Promise<{ readonly result: RESTObject | Status; readonly deleted: boolean }>;
}

/**
 * Can delete objects that can't be decoded
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/generic/registry/corrupt_obj_deleter.go).
 */
export interface CorruptObjectDeleter extends RESTStorage {
  /**
   * Skips finalizers, preconditions, admission and hooks. Throws NotFound, and Conflict if the object can be decoded.
   */
  deleteCorrupt(context: RequestContext, name: string, dryRun: boolean): Promise<void>;
}

export interface CollectionDeleter extends RESTStorage {
  deleteCollection(
    context: RequestContext,
    validate: ValidateObject,
    options: RESTDeleteOptions,
    listOptions: RESTListOptions,
  ): Promise<RESTList>;
}

/** Subresources that handle requests themselves: exec, log, proxy. */
export interface Connecter extends RESTStorage {
  readonly connectMethods: readonly string[];
  connect(context: RequestContext, name: string): Promise<ApiResponse>;
}

/** Subresources whose kind differs from their parent's: Scale, Eviction, TokenRequest. */
export interface GroupVersionKindProvider extends RESTStorage {
  groupVersionKind(containing: { readonly group: string; readonly version: string }): GroupVersionKind;
}

/** Upstream's `rest.ResetFieldsStrategy`: fields that an apply through this (sub)resource must not own. */
export interface ResetFieldsProvider extends RESTStorage {
  resetFields(): ResetFields | undefined;
}

/** Provides stored objects to the server's own components, decoded once for all of them. */
export interface ListerProvider extends RESTStorage {
  /** Returns the same lister on every call. */
  lister(): ResourceLister<KubeObject>;
}

/** May read the store for each request, and benefits from starting early. */
export interface StoreReader extends Getter {
  /** False if objects are held in memory. */
  readsStore(): boolean;
  /** Announces a possible list or watch. */
  prefetchList(): void;
  /** Announces a possible write of an object; `name` is '' if it isn't known yet. */
  prefetchWrite(context: RequestContext, name: string): void;
}

export const preservesObjectMeta = (storage: RESTStorage): storage is SubresourceObjectMetaPreserver =>
  (storage as Partial<SubresourceObjectMetaPreserver>).preservesObjectMeta === true;

type Capability =
  | Getter
  | Lister
  | Watcher
  | Creater
  | NamedCreater
  | Updater
  | GracefulDeleter
  | CorruptObjectDeleter
  | CollectionDeleter
  | Connecter
  | GroupVersionKindProvider
  | ResetFieldsProvider
  | ListerProvider
  | StoreReader;
type MethodOf<C> = C extends unknown ? Exclude<keyof C, keyof RESTStorage> : never;

const has =
  <C extends Capability>(method: MethodOf<C>) =>
  (storage: RESTStorage): storage is C =>
    typeof (storage as unknown as Record<PropertyKey, unknown>)[method as PropertyKey] === 'function';

export const isGetter = has<Getter>('get');
export const isLister = has<Lister>('list');
export const isWatcher = has<Watcher>('watch');
export const isCreater = has<Creater>('create');
export const isNamedCreater = has<NamedCreater>('createNamed');
export const isUpdater = has<Updater>('update');
export const isGracefulDeleter = has<GracefulDeleter>('delete');
export const isCorruptObjectDeleter = has<CorruptObjectDeleter>('deleteCorrupt');
export const isCollectionDeleter = has<CollectionDeleter>('deleteCollection');
export const isConnecter = has<Connecter>('connect');
export const isGroupVersionKindProvider = has<GroupVersionKindProvider>('groupVersionKind');
export const isResetFieldsProvider = has<ResetFieldsProvider>('resetFields');
export const isListerProvider = has<ListerProvider>('lister');
export const isStoreReader = has<StoreReader>('readsStore');
