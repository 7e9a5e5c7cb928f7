import { invalid } from '../../meta/field-error.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { newConflict, newInvalid, newNotFound, newPlainError } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { beforeCreate, checkGeneratedNameError } from '../../rest/before-create.ts';
import { fillObjectMetaSystemFields, wipeObjectMetaSystemFields } from '../../rest/metadata.ts';
import {
  objectOf,
  type RESTObject,
  type RESTUpdateOptions,
  restObject,
  type UpdatedObjectInfo,
} from '../../rest/rest-storage.ts';
import { atDeletion, withoutRevision } from '../../rest/status-metadata.ts';
import { interpretStorageError } from '../../rest/storage-errors.ts';
import type { RESTStrategy } from '../../rest/strategy.ts';
import { beforeUpdate } from '../../rest/update.ts';
import { quote } from '../../runtime/go-format.ts';
import { isStorageError } from '../../storage/errors.ts';
import type { UpdateResult } from '../../storage/storage.ts';
import { breathe, inPieces } from '../../util/breathe.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import { integerOf } from '../../util/integers.ts';
import { claimUpdate } from './claim-room.ts';
import { isNoOpUpdate } from './no-op-update.ts';
import type { FinishFunction, Store, WriteOutcome } from './store.ts';
import { deleteInStorage, updateInStorage } from './store-writes.ts';

const OPTIMISTIC_LOCK_ERROR =
  'the object has been modified; please apply your changes to the latest version and try again';

export interface Update<T extends KubeObject> {
  readonly name: string;
  readonly objectInfo: UpdatedObjectInfo;
  readonly options: RESTUpdateOptions;
  /** The strategy of the resource or of a subresource. */
  readonly strategy: RESTStrategy<T>;
}

/** Aborts an update that removes the last finalizer of an object, which is deleted instead. */
class EmptiedFinalizers<T> extends Error {
  readonly object: T;

  constructor(object: T) {
    super('emptied finalizers');
    this.object = object;
  }
}

export function updateObject<T extends KubeObject>(
  store: Store<T>,
  context: RequestContext,
  update: Update<T>,
): Promise<{ item: RESTObject<T>; created: boolean }> {
  return new UpdateAttempts(store, context, update).run();
}

/** One update request, retried against the stored object on conflict with other writers. */
class UpdateAttempts<T extends KubeObject> {
  readonly #store: Store<T>;
  readonly #context: RequestContext;
  readonly #update: Update<T>;
  readonly #allowCreate: boolean;
  #created: T | undefined;
  #finish: FinishFunction | undefined;

  constructor(store: Store<T>, context: RequestContext, update: Update<T>) {
    this.#store = store;
    this.#context = context;
    this.#update = update;
    this.#allowCreate =
      update.strategy.allowCreateOnUpdate === true || update.options.forceAllowCreate === true;
  }

  async run(): Promise<{ item: RESTObject<T>; created: boolean }> {
    const { name, objectInfo, options } = this.#update;
    const key = this.#store.keyFor(this.#context, name);
    try {
      const item = await updateInStorage(this.#store, key, {
        preconditions: objectInfo.preconditions,
        ignoreNotFound: this.#allowCreate,
        tryUpdate: (current, resourceVersion) => this.#attempt(current, resourceVersion),
        beforeDecode: (state) => claimUpdate(this.#context, state),
        dryRun: options.dryRun,
      });
      await this.#settle('written');
      const created = this.#created !== undefined;
      if (created) await this.#store.options.afterCreate?.(await objectOf(item), options);
      else await this.#store.options.afterUpdate?.(await objectOf(item), options);
      return { item, created };
    } catch (error) {
      await this.#settle('failed');
      if (error instanceof EmptiedFinalizers) {
        return { item: await this.#deleteFinalized(key, error.object as T), created: false };
      }
      throw this.#interpret(error);
    }
  }

  async #settle(outcome: WriteOutcome): Promise<void> {
    const finish = this.#finish;
    this.#finish = undefined;
    await finish?.(outcome);
  }

  async #attempt(current: T | undefined, resourceVersion: number): Promise<UpdateResult<T>> {
    await this.#settle('failed');
    const { name, objectInfo } = this.#update;
    if (current === undefined && !this.#allowCreate) throw newNotFound(this.#store.groupResource, name);
    const old = current && (await deepCopyInPieces(current));
    const object = (await objectInfo.updatedObject(this.#context, old)) as T;
    return current === undefined
      ? this.#create(object)
      : this.#replace(object, { current, shown: old!, resourceVersion });
  }

  async #create(object: T): Promise<UpdateResult<T>> {
    const { options, strategy } = this.#update;
    this.#created = object;
    wipeObjectMetaSystemFields(object.metadata);
    fillObjectMetaSystemFields(object.metadata);
    this.#finish = await this.#store.options.beginCreate?.(this.#context, object, options);
    await beforeCreate(strategy, this.#context, object);
    await options.createValidation(await deepCopyInPieces(object));
    delete object.metadata.resourceVersion;
    return { object, ttlSeconds: strategy.ttlSeconds?.(object) };
  }

  /** `shown` is the copy of the current object for admission. */
  async #replace(
    object: T,
    { current, shown, resourceVersion }: { current: T; shown: T; resourceVersion: number },
  ): Promise<UpdateResult<T>> {
    const { options, strategy } = this.#update;
    this.#created = undefined;
    this.#checkResourceVersion(object, resourceVersion);
    // Status updates drop changes of the spec, so nothing is allocated for them.
    if (strategy === this.#store.strategy) {
      this.#finish = await this.#store.options.beginUpdate?.(this.#context, object, current, options);
    }
    await beforeUpdate(strategy, this.#context, object, current);
    await breathe();
    const unchanged = await inPieces(isNoOpUpdate(object, current));
    await options.updateValidation(await deepCopyInPieces(object), shown);
    if (shouldDeleteDuringUpdate(this.#store, object, current)) throw new EmptiedFinalizers(object);
    return {
      // Storage compares bytes, which differ if only the order of fields does.
      object: unchanged ? current : object,
      ttlSeconds: strategy.ttlSeconds?.(object),
    };
  }

  /** Without a resource version the update overwrites, if the strategy permits it; a different one is a conflict. */
  #checkResourceVersion({ metadata }: T, resourceVersion: number): void {
    const { name, strategy } = this.#update;
    const { groupResource } = this.#store;
    const given = metadata.resourceVersion ?? '';
    if (given === '' || given === '0') {
      const { allowUnconditionalUpdate: allow = true } = strategy;
      if (!(typeof allow === 'function' ? allow(this.#context) : allow)) {
        const kind = { group: groupResource.group, kind: groupResource.resource };
        const detail = 'must be specified for an update';
        throw newInvalid(kind, name, [invalid('metadata.resourceVersion', 0, detail)]);
      }
      metadata.resourceVersion = String(resourceVersion);
    } else if (given !== String(resourceVersion)) {
      const why = !/^\d+$/.test(given)
        ? 'invalid syntax'
        : (integerOf(given) ?? Infinity) >= 2n ** 64n
          ? 'value out of range'
          : undefined;
      if (why !== undefined) throw newPlainError(`strconv.ParseUint: parsing ${quote(given)}: ${why}`);
      throw newConflict(groupResource, name, OPTIMISTIC_LOCK_ERROR);
    }
  }

  /** The client gets a successful response with the object it sent. */
  async #deleteFinalized(key: string, object: T): Promise<RESTObject<T>> {
    const { name, objectInfo, options } = this.#update;
    const { dryRun } = options;
    try {
      const { preconditions } = objectInfo;
      const deleted = await deleteInStorage(this.#store, key, { preconditions, dryRun });
      await this.#store.options.afterDelete?.(deleted, { dryRun });
      return restObject(atDeletion(this.#context, object, deleted));
    } catch (error) {
      // Another update may have removed the last finalizer as well.
      if (!isStorageError(error, 'KeyNotFound')) {
        throw interpretStorageError(error, this.#store.operation('delete', name, options));
      }
      await this.#store.options.afterDelete?.(object, { dryRun });
      return restObject(withoutRevision(this.#context, object));
    }
  }

  #interpret(error: unknown): unknown {
    const { name, options } = this.#update;
    if (this.#created === undefined) {
      return interpretStorageError(error, this.#store.operation('update', name, options));
    }
    const interpreted = interpretStorageError(error, this.#store.operation('create', name));
    const { strategy, groupResource } = this.#store;
    return checkGeneratedNameError(interpreted, strategy, groupResource, this.#created);
  }
}

/**
 * Whether the last finalizer of an object has been removed after its deletion was requested and its grace period ended.
 */
function shouldDeleteDuringUpdate<T extends KubeObject>(store: Store<T>, object: T, old: T): boolean {
  return (
    (object.metadata.finalizers ?? []).length === 0 &&
    Boolean(old.metadata.deletionTimestamp) &&
    (old.metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
    (store.options.shouldDeleteDuringUpdate?.(object, old) ?? true)
  );
}
