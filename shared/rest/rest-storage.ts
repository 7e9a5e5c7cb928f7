/**
 * What a resource can do: small capability interfaces, found by their methods
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/rest/rest.go).
 * Objects are in the group's internal form. Every method throws `StatusError`.
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
 * One object of an answer. `object()` decodes to the internal form, each time to a value of its own; `bytes` are its
 * JSON in the storage version (`RESTStorage.storageVersion`), where there are such bytes: they can be sent as they are.
 */
export interface RESTObject<T extends KubeObject = KubeObject> {
  object(): T;
  /** As `object`, and leaves the event loop to others while it decodes a large one. Absent: there is nothing to decode. */
  objectInPieces?(): Promise<T>;
  readonly bytes?: Uint8Array | undefined;
  /** Of the JSON that `object` decodes, where it does and that is not `bytes`. */
  readonly storedBytes?: number | undefined;
  /** Where what is made of this very version of the object can be kept beside it. */
  readonly forms?: ObjectForms | undefined;
}

export const objectOf = async <T extends KubeObject>(item: RESTObject<T>): Promise<T> =>
  (await item.objectInPieces?.()) ?? item.object();

/** Wraps a computed object, which the receiver may then change. */
export function restObject<T extends KubeObject>(object: T): RESTObject<T> {
  return { object: () => object };
}

/** What every resource or subresource says of itself. */
export interface RESTStorage {
  /** For error messages and preconditions: the resource without its subresource. */
  readonly groupResource: GroupResource;
  /** The version that `bytes` are encoded in; absent where nothing is stored. */
  readonly storageVersion?: GroupVersionKind | undefined;
}

export interface RESTGetOptions {
  readonly resourceVersion?: string | undefined;
}

export interface Getter extends RESTStorage {
  get(context: RequestContext, name: string, options: RESTGetOptions): Promise<RESTObject>;
}

/** Which part of a list or watch is wanted, by a hash of each object. */
export interface ShardSelector {
  /** In its canonical form. */
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
  /** The selector of the part that it is. */
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

/** Admission's validating half, run by storage at the last moment; throws to refuse. */
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

/** Creation below a parent of an object whose UID and other system fields are the parent's: bindings. */
export interface SubresourceObjectMetaPreserver extends RESTStorage {
  readonly preservesObjectMeta: true;
}

/** Computes the object to store from the current one (`rest.UpdatedObjectInfo`): a PUT's body, or a patch applied. */
export interface UpdatedObjectInfo {
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  /** `old` is undefined when the object doesn't exist. Called again whenever another writer was first. */
  updatedObject(context: RequestContext, old: KubeObject | undefined): Promise<KubeObject>;
}

export interface RESTUpdateOptions extends RESTCreateOptions {
  readonly createValidation: ValidateObject;
  readonly updateValidation: ValidateObjectUpdate;
  /** Server-side apply creates what isn't there. */
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
  /** `deleted` false: deletion has begun (finalizers, grace period) and `result` is the object as it now stands. */
  delete(
    context: RequestContext,
    name: string,
    validate: ValidateObject,
    options: RESTDeleteOptions,
  ): Promise<{ readonly result: RESTObject | Status; readonly deleted: boolean }>;
}

/** Can delete what can't be read (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/generic/registry/corrupt_obj_deleter.go). */
export interface CorruptObjectDeleter extends RESTStorage {
  /** Past finalizers, preconditions, admission and hooks. Throws NotFound, Conflict of what can be read. */
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

/** Subresources that answer for themselves: exec, log, proxy. */
export interface Connecter extends RESTStorage {
  readonly connectMethods: readonly string[];
  connect(context: RequestContext, name: string): Promise<ApiResponse>;
}

/** Subresources of another kind than their parent's: Scale, Eviction, TokenRequest. */
export interface GroupVersionKindProvider extends RESTStorage {
  groupVersionKind(containing: { readonly group: string; readonly version: string }): GroupVersionKind;
}

/** Upstream's `rest.ResetFieldsStrategy`: fields that apply must not own through this (sub)resource. */
export interface ResetFieldsProvider extends RESTStorage {
  resetFields(): ResetFields | undefined;
}

/** Whose objects the server's own parts may read, decoded once for all of them: what is stored. */
export interface ListerProvider extends RESTStorage {
  /** The same one each time. */
  lister(): ResourceLister<KubeObject>;
}

/** What may read the store for each request: it gains by beginning early. */
export interface StoreReader extends Getter {
  /** False where objects are held in memory. */
  readsStore(): boolean;
  /** A list or a watch may follow. */
  foreseeList(): void;
  /** A write of the object may follow, or of one that has no name yet (''). */
  foreseeWrite(context: RequestContext, name: string): void;
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
