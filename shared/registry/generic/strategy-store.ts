/** The objects of a store with another strategy: status and other subresources of the same kind. */

import type { KubeObject } from '../../meta/kube-object.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type {
  RESTGetOptions,
  RESTObject,
  RESTUpdateOptions,
  ResetFieldsProvider,
  StoreReader,
  UpdatedObjectInfo,
  Updater,
} from '../../rest/rest-storage.ts';
import type { RESTStrategy, ResetFields } from '../../rest/strategy.ts';
import type { GroupResource, GroupVersionKind } from '../../runtime/group-version.ts';
import { getObject } from './get.ts';
import type { Store } from './store.ts';
import { updateObject } from './update.ts';

export class StrategyStore<T extends KubeObject> implements StoreReader, Updater, ResetFieldsProvider {
  readonly groupResource: GroupResource;
  readonly storageVersion: GroupVersionKind;
  readonly strategy: RESTStrategy<T>;
  readonly #store: Store<T>;

  constructor(store: Store<T>, strategy: RESTStrategy<T>) {
    this.groupResource = store.groupResource;
    this.storageVersion = store.storageVersion;
    this.strategy = strategy;
    this.#store = store;
  }

  resetFields(): ResetFields | undefined {
    return this.strategy.resetFields;
  }

  readsStore(): boolean {
    return this.#store.readsStore();
  }

  prefetchList(): void {
    this.#store.prefetchList();
  }

  prefetchWrite(context: RequestContext, name: string): void {
    this.#store.prefetchWrite(context, name);
  }

  get(context: RequestContext, name: string, options: RESTGetOptions): Promise<RESTObject> {
    return getObject(this.#store, context, name, options);
  }

  /** Subresources never create their parent. */
  update(
    context: RequestContext,
    name: string,
    objectInfo: UpdatedObjectInfo,
    options: RESTUpdateOptions,
  ): Promise<{ item: RESTObject; created: boolean }> {
    const strategy = this.strategy;
    return updateObject(this.#store, context, {
      name,
      objectInfo,
      options: { ...options, forceAllowCreate: false },
      strategy,
    });
  }
}
