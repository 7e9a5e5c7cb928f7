/**
 * Store of definitions. A deletion waits until all instances are gone
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/registry/customresourcedefinition/etcd.go).
 */

import { setCondition } from '../../../apis/apiextensions/conditions.ts';
import { CLEANUP_FINALIZER, type Definition } from '../../../apis/apiextensions/definition.ts';
import { newConflict, type Status } from '../../../meta/status-error.ts';
import { formatTime } from '../../../meta/time.ts';
import { Store, type StoreOptions } from '../../../registry/generic/store.ts';
import { updateInStorage } from '../../../registry/generic/store-writes.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import {
  objectOf,
  type RESTDeleteOptions,
  type RESTObject,
  type ValidateObject,
} from '../../../rest/rest-storage.ts';
import { interpretStorageError, translateStorageErrors } from '../../../rest/storage-errors.ts';

/** Removes a definition's instances and then the definition, as far as possible right now. */
export type FinalizeDefinition = (context: RequestContext, definition: Definition) => Promise<void>;

export interface DefinitionStoreOptions extends StoreOptions<Definition> {
  /** Called when a deletion begins; a controller completes the rest. */
  readonly finalize?: FinalizeDefinition | undefined;
}

export class DefinitionStore extends Store<Definition> {
  readonly #finalize: FinalizeDefinition | undefined;

  constructor(options: DefinitionStoreOptions) {
    super(options);
    this.#finalize = options.finalize;
  }

  override async delete(
    context: RequestContext,
    name: string,
    validate: ValidateObject,
    options: RESTDeleteOptions,
  ): Promise<{ result: RESTObject | Status; deleted: boolean }> {
    const key = this.keyFor(context, name);
    const stored = await translateStorageErrors(this.operation('get', name), () => this.storage.get(key));
    const definition = await stored.objectInPieces();
    const preconditions = this.#preconditions(definition, options);
    if (definition.metadata.deletionTimestamp) {
      return super.delete(context, name, validate, { ...options, preconditions });
    }
    let item: RESTObject<Definition>;
    try {
      item = await updateInStorage<Definition>(this, key, {
        preconditions,
        dryRun: options.dryRun,
        tryUpdate: async (existing) => {
          await validate(existing!);
          return { object: markAsDeleting(existing!, Date.now()) };
        },
      });
    } catch (error) {
      throw interpretStorageError(error, this.operation('update', name));
    }
    if (!options.dryRun) {
      const marked = await objectOf(item);
      await this.options.afterUpdate?.(marked, options);
      await this.#finalize?.(context, marked);
    }
    return { result: item, deleted: false };
  }

  /** Restricts the deletion to the definition that was read, so that it can't delete a later one of the same name. */
  #preconditions({ metadata }: Definition, { preconditions }: RESTDeleteOptions) {
    const { uid, resourceVersion } = preconditions ?? {};
    const fail = (field: string, wanted: string, actual: string | undefined): never => {
      const why = `precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${actual}`;
      throw newConflict(this.groupResource, metadata.name ?? '', why);
    };
    if (uid !== undefined && uid !== metadata.uid) fail('UID', uid, metadata.uid);
    if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
      fail('ResourceVersion', resourceVersion, metadata.resourceVersion);
    }
    return { uid: metadata.uid, resourceVersion };
  }
}

function markAsDeleting(definition: Definition, now: number): Definition {
  const { metadata } = definition;
  metadata.deletionTimestamp ??= formatTime(now);
  const finalizers = metadata.finalizers ?? [];
  if (!finalizers.includes(CLEANUP_FINALIZER)) metadata.finalizers = [...finalizers, CLEANUP_FINALIZER];
  setCondition(
    definition.status,
    {
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    },
    now,
  );
  return definition;
}
