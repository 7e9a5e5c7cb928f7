/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/namespace/storage/storage.go */

import type { Namespace } from '../../../apis/core/v1/types.ts';
import { newConflict, type Status } from '../../../meta/status-error.ts';
import { formatTime } from '../../../meta/time.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import {
  type RESTDeleteOptions,
  type RESTObject,
  restObject,
  type ValidateObject,
} from '../../../rest/rest-storage.ts';
import { interpretStorageError } from '../../../rest/storage-errors.ts';
import { deepCopy } from '../../../util/deep-copy.ts';
import { deletionFinalizers } from '../../generic/deletion-finalizers.ts';
import { Store, type StoreOptions } from '../../generic/store.ts';
import { updateInStorage } from '../../generic/store-writes.ts';

interface NamespaceDeletion {
  readonly name: string;
  readonly validate: ValidateObject;
  readonly options: RESTDeleteOptions;
}

/** Namespaces are deleted in two steps: they are marked first, and removed once they are empty. */
export class NamespaceStore extends Store<Namespace> {
  constructor(options: StoreOptions<Namespace>) {
    super(options);
    // Removes deletecollection, whose presence is determined by a property lookup.
    Object.defineProperty(this, 'deleteCollection', { value: undefined });
  }

  override async delete(
    context: RequestContext,
    name: string,
    validate: ValidateObject,
    options: RESTDeleteOptions,
  ): Promise<{ result: RESTObject | Status; deleted: boolean }> {
    const namespace = (await this.get(context, name, {})).object() as Namespace;
    const bound = this.#bind(namespace, options);
    if (!namespace.metadata.deletionTimestamp) {
      return {
        result: await this.#terminate(context, { name, validate, options: bound }),
        deleted: false,
      };
    }
    if (namespace.spec?.finalizers?.length) return { result: restObject(namespace), deleted: false };
    return super.delete(context, name, validate, bound);
  }

  /** Binds the deletion to the existing namespace, so that it can't delete a later one of the same name. */
  #bind({ metadata }: Namespace, options: RESTDeleteOptions): RESTDeleteOptions {
    const { preconditions } = options;
    const name = metadata.name ?? '';
    if (preconditions?.uid !== undefined && preconditions.uid !== metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${metadata.uid}`;
      throw newConflict(this.groupResource, name, why);
    }
    const { resourceVersion } = preconditions ?? {};
    if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
      const why = `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`;
      throw newConflict(this.groupResource, name, why);
    }
    return { ...options, preconditions: { ...preconditions, uid: metadata.uid } };
  }

  async #terminate(
    context: RequestContext,
    { name, validate, options }: NamespaceDeletion,
  ): Promise<RESTObject<Namespace>> {
    try {
      return await updateInStorage<Namespace>(this, this.keyFor(context, name), {
        preconditions: options.preconditions,
        dryRun: options.dryRun,
        tryUpdate: async (current) => {
          const namespace = current!;
          await validate(deepCopy(namespace));
          namespace.metadata.deletionTimestamp ??= formatTime(Date.now());
          namespace.status = { ...namespace.status, phase: 'Terminating' };
          const finalizers = deletionFinalizers(this, namespace, { context, options });
          if (finalizers !== undefined) namespace.metadata.finalizers = finalizers;
          return { object: namespace };
        },
      });
    } catch (error) {
      throw interpretStorageError(error, this.operation('update', name));
    }
  }
}
