import type { KubeObject } from '../../meta/kube-object.ts';
import { nextGeneration } from '../../meta/next-generation.ts';
import type { Status } from '../../meta/status-error.ts';
import { formatTime } from '../../meta/time.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { beforeDelete, type MutableDeleteOptions } from '../../rest/delete.ts';
import {
  objectOf,
  type RESTDeleteOptions,
  type RESTObject,
  restObject,
  type ValidateObject,
} from '../../rest/rest-storage.ts';
import { statusMetadata, withoutRevision } from '../../rest/status-metadata.ts';
import { interpretStorageError, translateStorageErrors } from '../../rest/storage-errors.ts';
import { isStorageError } from '../../storage/errors.ts';
import type { StoredObject, UpdateResult } from '../../storage/storage.ts';
import { breathe } from '../../util/breathe.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import { claimDeletion } from './claim-room.ts';
import { deletionFinalizers } from './deletion-finalizers.ts';
import type { Store } from './store.ts';
import { deleteInStorage, updateInStorage } from './store-writes.ts';

export interface Deletion {
  readonly name: string;
  readonly validate: ValidateObject;
  readonly options: RESTDeleteOptions;
}

export interface DeletionResult {
  readonly result: RESTObject | Status;
  readonly deleted: boolean;
}

class AlreadyDeleting extends Error {}
class DeleteNow extends Error {}

export function deleteObject<T extends KubeObject>(
  store: Store<T>,
  context: RequestContext,
  deletion: Deletion,
): Promise<DeletionResult> {
  return new DeleteAttempt(store, context, deletion).run();
}

/** One deletion: marks an object that has a grace period or finalizers, and removes others. */
class DeleteAttempt<T extends KubeObject> {
  readonly #store: Store<T>;
  readonly #context: RequestContext;
  readonly #name: string;
  readonly #key: string;
  readonly #validate: ValidateObject;
  /** A copy, in which strategies set the grace period. */
  readonly #options: MutableDeleteOptions;
  #preconditions: { uid?: string | undefined; resourceVersion?: string | undefined } | undefined;
  /** The first state read, from which later steps start. */
  #stored: StoredObject<T> | undefined;

  constructor(store: Store<T>, context: RequestContext, { name, validate, options }: Deletion) {
    this.#store = store;
    this.#context = context;
    this.#name = name;
    this.#key = store.keyFor(context, name);
    this.#validate = validate;
    this.#options = { ...options };
    this.#preconditions = options.preconditions && { ...options.preconditions };
  }

  async run(): Promise<DeletionResult> {
    const stored = await translateStorageErrors(
      this.#store.operation('delete', this.#name, this.#options),
      () => this.#store.readNewest(this.#context, this.#key),
    );
    this.#stored = stored;
    // Deletions of a collection claim it themselves, once.
    if (this.#context.requestInfo.verb === 'delete') claimDeletion(this.#context, stored.bytes.length);
    await breathe();
    const object = await stored.objectInPieces();
    const start = beforeDelete(this.#store.strategy, this.#context, object, this.#options);
    if (start === 'pending') return { result: this.#answer(object), deleted: false };
    const waits =
      start === 'graceful' ||
      (object.metadata.finalizers ?? []).length > 0 ||
      this.#finalizers(object) !== undefined;
    return waits ? this.#mark(object) : this.#remove(undefined);
  }

  #finalizers(object: T): string[] | undefined {
    return deletionFinalizers(this.#store, object, { context: this.#context, options: this.#options });
  }

  /** Marks the object as being deleted, then removes it if there is nothing to wait for. */
  async #mark(read: T): Promise<DeletionResult> {
    let marked: T | undefined;
    let item: RESTObject<T>;
    try {
      item = await updateInStorage(this.#store, this.#key, {
        preconditions: this.#preconditions,
        dryRun: this.#options.dryRun,
        cached: this.#stored,
        tryUpdate: async (existing) => {
          const result = await this.#markExisting(existing!);
          marked = result.object;
          return result;
        },
      });
    } catch (error) {
      if (error instanceof DeleteNow) return this.#remove(undefined);
      if (error instanceof AlreadyDeleting) {
        await this.#store.options.afterDelete?.(read, this.#options);
        return { result: this.#answer(read), deleted: false };
      }
      throw interpretStorageError(error, this.#store.operation('update', this.#name, this.#options));
    }
    const waits =
      (marked!.metadata.finalizers ?? []).length > 0 || (this.#options.gracePeriodSeconds ?? 0) > 0;
    if (waits) return { result: item, deleted: false };
    if (this.#options.dryRun) return { result: item, deleted: true };
    if (this.#preconditions?.resourceVersion !== undefined) {
      this.#preconditions.resourceVersion = (await objectOf(item)).metadata.resourceVersion;
    }
    return this.#remove(marked);
  }

  async #markExisting(existing: T): Promise<UpdateResult<T>> {
    await this.#validate(await deepCopyInPieces(existing));
    const start = beforeDelete(this.#store.strategy, this.#context, existing, this.#options);
    if (start === 'pending') throw new AlreadyDeleting();
    const finalizers = this.#finalizers(existing);
    if (finalizers !== undefined) existing.metadata.finalizers = finalizers;
    if (start === 'immediate') {
      if ((existing.metadata.finalizers ?? []).length === 0) throw new DeleteNow();
      markAsDeleting(existing);
    }
    return { object: existing };
  }

  /**
   * `marked` is set for a graceful deletion with a grace period of zero, during which another client may have removed
   * the object.
   */
  async #remove(marked: T | undefined): Promise<DeletionResult> {
    let last: T;
    try {
      last = await deleteInStorage(this.#store, this.#key, {
        preconditions: this.#preconditions,
        validateDeletion: (object) => this.#validate(object),
        dryRun: this.#options.dryRun,
        cached: marked === undefined ? this.#stored : undefined,
      });
    } catch (error) {
      if (marked === undefined || !isStorageError(error, 'KeyNotFound')) {
        throw interpretStorageError(error, this.#store.operation('delete', this.#name, this.#options));
      }
      last = withoutRevision(this.#context, marked);
    }
    await this.#store.options.afterDelete?.(last, this.#options);
    return { result: this.#answer(last), deleted: true };
  }

  #answer(object: T): RESTObject<T> | Status {
    if (this.#store.options.returnDeletedObject) return restObject(this.#store.decorated(object));
    const { group, resource } = this.#store.groupResource;
    const { name, uid } = object.metadata;
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: statusMetadata(this.#context, object.metadata.resourceVersion),
      status: 'Success',
      details: { name, ...(group !== '' && { group }), kind: resource, uid },
      // Like upstream, which sets the code in the response only.
      code: 0,
    };
  }
}

/** Marks an object that has finalizers but no grace period. */
function markAsDeleting({ metadata }: KubeObject): void {
  const now = Date.now();
  if (!metadata.deletionTimestamp && metadata.generation)
    metadata.generation = nextGeneration(metadata.generation);
  if (!metadata.deletionTimestamp || Date.parse(metadata.deletionTimestamp) > now) {
    metadata.deletionTimestamp = formatTime(now);
  }
  metadata.deletionGracePeriodSeconds = 0;
}
