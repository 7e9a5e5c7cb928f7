/**
 * Generic REST implementation on storage
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/registry/generic/registry/store.go). The strategy has
 * everything specific to a kind.
 */

import type { KubeObject } from '../../meta/kube-object.ts';
import { newBadRequest, type Status } from '../../meta/status-error.ts';
import { isPathSegmentName } from '../../meta/validation/names.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { ResourceLister } from '../../rest/resource-access.ts';
import type {
  CollectionDeleter,
  Creater,
  Getter,
  GracefulDeleter,
  Lister,
  ListerProvider,
  RESTCreateOptions,
  RESTDeleteOptions,
  RESTGetOptions,
  RESTList,
  RESTListOptions,
  RESTObject,
  RESTUpdateOptions,
  RESTWatch,
  ResetFieldsProvider,
  StoreReader,
  UpdatedObjectInfo,
  Updater,
  ValidateObject,
  Watcher,
} from '../../rest/rest-storage.ts';
import type { StorageOperation } from '../../rest/storage-errors.ts';
import { translateStorageErrors } from '../../rest/storage-errors.ts';
import type { RESTStrategy, ResetFields } from '../../rest/strategy.ts';
import { quote } from '../../runtime/go-format.ts';
import type { GroupResource, GroupVersionKind } from '../../runtime/group-version.ts';
import { selectionAttributes } from '../../storage/selection-predicate.ts';
import type { Storage, StoredObject } from '../../storage/storage.ts';
import { createObject } from './create.ts';
import { deleteObject } from './delete.ts';
import { deleteCollection } from './delete-collection.ts';
import { getObject } from './get.ts';
import { listObjects } from './list.ts';
import type { RESTStorageConfig } from './rest-storage-provider.ts';
import { defaultSelectableFields, type SelectableFields } from './selectable-fields.ts';
import { type ObjectCodec, storageCodecFor } from './storage-codec.ts';
import { StorageLister } from './storage-lister.ts';
import { StrategyStore } from './strategy-store.ts';
import { updateObject } from './update.ts';
import { watchObjects } from './watch.ts';

/** Called exactly once with the outcome of the write to which a `begin` hook belongs. */
export type FinishFunction = (outcome: WriteOutcome) => void | Promise<void>;
export type WriteOutcome = 'written' | 'failed';

/** Hooks around writes, for resources with state besides the object (cluster IPs). */
interface StoreHooks<T extends KubeObject> {
  /** Runs before validation, once per attempt. */
  beginCreate?(context: RequestContext, object: T, options: RESTCreateOptions): Promise<FinishFunction>;
  beginUpdate?(
    context: RequestContext,
    object: T,
    old: T,
    options: RESTCreateOptions,
  ): Promise<FinishFunction>;
  afterCreate?(object: T, options: RESTCreateOptions): void | Promise<void>;
  afterUpdate?(object: T, options: RESTCreateOptions): void | Promise<void>;
  afterDelete?(object: T, options: RESTDeleteOptions): void | Promise<void>;
  /** Modifies objects on read to add or hide derived data. Requires decoding for every answer. */
  decorate?(object: T): void;
  /** An additional condition for the deletion of an object whose last finalizer an update removes. */
  shouldDeleteDuringUpdate?(object: T, old: T): boolean;
}

export interface StoreOptions<T extends KubeObject> extends StoreHooks<T> {
  readonly config: RESTStorageConfig;
  readonly resource: GroupResource;
  /** The resource under which the objects are stored, if it isn't `resource`. */
  readonly storedAs?: GroupResource;
  /** The kind in the version in which its objects are stored. */
  readonly storageVersion: GroupVersionKind;
  readonly strategy: RESTStrategy<T>;
  /** Defaults to the fields in the table of field selectors, read by path. */
  readonly selectableFields?: SelectableFields<T>;
  /** Whether a deletion returns the object rather than a Status. */
  readonly returnDeletedObject?: boolean;
  /** Whether a deletion may set the garbage collector's finalizers. Defaults to true. */
  readonly enableGarbageCollection?: boolean;
  /** Storage of objects that are not in a scheme: custom resources. */
  readonly custom?: { readonly storage: Storage<T>; readonly codec: ObjectCodec<T> } | undefined;
}

export class Store<T extends KubeObject>
  implements
    Getter,
    Lister,
    Watcher,
    Creater,
    Updater,
    GracefulDeleter,
    CollectionDeleter,
    ResetFieldsProvider,
    ListerProvider,
    StoreReader
{
  readonly groupResource: GroupResource;
  readonly storageVersion: GroupVersionKind;
  readonly options: StoreOptions<T>;
  readonly strategy: RESTStrategy<T>;
  readonly codec: ObjectCodec<T>;
  readonly storage: Storage<T>;
  #lister: StorageLister<T> | undefined;

  constructor(options: StoreOptions<T>) {
    const { resource, storageVersion, strategy } = options;
    this.options = options;
    this.groupResource = resource;
    this.storageVersion = storageVersion;
    this.strategy = strategy;
    this.codec = options.custom?.codec ?? storageCodecFor<T>(options.config.scheme, storageVersion);
    this.storage = options.custom?.storage ?? this.#open(options);
  }

  #open(options: StoreOptions<T>): Storage<T> {
    const {
      config,
      storageVersion,
      selectableFields,
      strategy,
      storedAs: resource = options.resource,
    } = options;
    const fieldsOf =
      selectableFields ?? defaultSelectableFields(config.scheme, storageVersion, resource.resource);
    const transformer = config.transformerFor?.(resource);
    return config.storageFactory.storageFor({
      resourcePrefix: resourcePrefix(resource),
      codec: this.codec,
      attributes: (object: T) => selectionAttributes(object, fieldsOf(object)),
      ...(strategy.terms && { terms: (object: T) => strategy.terms!(object) }),
      ...(strategy.lead && { lead: (object: T) => strategy.lead!(object), leadFormat: strategy.leadFormat }),
      ...(transformer && { transformer }),
    });
  }

  resetFields(): ResetFields | undefined {
    return this.strategy.resetFields;
  }

  readsStore(): boolean {
    return this.storage.sparse !== undefined;
  }

  prefetchList(): void {
    this.options.config.storageFactory.prefetch(this.storage.resourcePrefix);
  }

  prefetchWrite(context: RequestContext, name: string): void {
    this.options.config.storageFactory.prefetch(this.storage.resourcePrefix, 'write');
    if (name === '') return;
    const read = async () => this.readNewest(context, this.keyFor(context, name));
    // The later read that needs the object reports the failure.
    read().catch(() => {});
  }

  /** The state of the object at the beginning of the request or later. */
  readNewest({ receivedAt }: RequestContext, key: string): Promise<StoredObject<T>> {
    // The clock has a resolution of one millisecond, so a read in the same millisecond may have been earlier.
    return this.storage.get(key, { readWithinMs: Date.now() - receivedAt - 1 });
  }

  lister(): ResourceLister<T> {
    this.#lister ??= new StorageLister<T>(this);
    return this.#lister;
  }

  /** The same objects with another strategy, for reads and updates only: `/status`. */
  withStrategy(strategy: RESTStrategy<T>): StrategyStore<T> {
    return new StrategyStore(this, strategy);
  }

  get(context: RequestContext, name: string, options: RESTGetOptions): Promise<RESTObject> {
    return getObject(this, context, name, options);
  }

  list(context: RequestContext, options: RESTListOptions): Promise<RESTList> {
    return listObjects(this, context, options);
  }

  watch(context: RequestContext, options: RESTListOptions): Promise<RESTWatch> {
    return watchObjects(this, context, options);
  }

  create(
    context: RequestContext,
    object: KubeObject,
    validate: ValidateObject,
    options: RESTCreateOptions,
  ): Promise<RESTObject> {
    return createObject(this, context, { object: object as T, validate, options });
  }

  update(
    context: RequestContext,
    name: string,
    objectInfo: UpdatedObjectInfo,
    options: RESTUpdateOptions,
  ): Promise<{ item: RESTObject; created: boolean }> {
    return updateObject(this, context, { name, objectInfo, options, strategy: this.strategy });
  }

  delete(
    context: RequestContext,
    name: string,
    validate: ValidateObject,
    options: RESTDeleteOptions,
  ): Promise<{ result: RESTObject | Status; deleted: boolean }> {
    this.#warnOfDeletion(context, options);
    return deleteObject(this, context, { name, validate, options });
  }

  deleteCorrupt(context: RequestContext, name: string, dryRun: boolean): Promise<void> {
    return translateStorageErrors(this.operation('delete', name), () =>
      this.storage.deleteUnreadable(this.keyFor(context, name), { dryRun }),
    );
  }

  deleteCollection(
    context: RequestContext,
    validate: ValidateObject,
    options: RESTDeleteOptions,
    listOptions: RESTListOptions,
  ): Promise<RESTList> {
    this.#warnOfDeletion(context, options);
    return deleteCollection(this, context, { validate, options, listOptions });
  }

  #warnOfDeletion(context: RequestContext, options: RESTDeleteOptions): void {
    for (const text of this.strategy.warningsOnDelete?.(context, options) ?? []) context.addWarning(text);
  }

  /** Throws BadRequest for a namespaced kind without a namespace. */
  checkNamespace({ requestInfo }: RequestContext): void {
    if (this.strategy.namespaced && requestInfo.namespace === '') {
      throw newBadRequest('Namespace parameter required.');
    }
  }

  /** Throws BadRequest for a name that isn't a valid key, and for a namespaced kind without a namespace. */
  keyFor(context: RequestContext, name: string): string {
    const { namespace } = context.requestInfo;
    this.checkNamespace(context);
    if (name === '') throw newBadRequest('Name parameter required.');
    const errors = isPathSegmentName(name);
    if (errors.length > 0) {
      throw newBadRequest(`Name parameter invalid: ${quote(name)}: ${errors.join(';')}`);
    }
    return this.strategy.namespaced ? `${namespace}/${name}` : name;
  }

  operation(
    verb: StorageOperation['verb'],
    name: string,
    { dryRun }: Pick<StorageOperation, 'dryRun'> = {},
  ): StorageOperation {
    return { verb, resource: this.groupResource, name, dryRun };
  }

  /** The object for an answer, with its bytes if they can be sent unchanged. */
  restObject(stored: StoredObject<T>): RESTObject<T> {
    const { decorate } = this.options;
    if (decorate === undefined && this.codec.isCurrent(stored.bytes)) return stored;
    return {
      object: () => this.decorated(stored.object()),
      objectInPieces: async () => this.decorated(await stored.objectInPieces()),
      storedBytes: stored.bytes.length,
      ...(decorate === undefined && { forms: stored.forms }),
    };
  }

  decorated(object: T): T {
    this.options.decorate?.(object);
    return object;
  }
}

/** `/registry/apps/deployments`; the core group is `core`. */
export function resourcePrefix({ group, resource }: GroupResource): string {
  return `/registry/${group === '' ? 'core' : group}/${resource}`;
}
