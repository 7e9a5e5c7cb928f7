/** The API as its own server reads and writes it: listers over storage, a client through the handler chain. */

import type { KubeObject } from '../../meta/kube-object.ts';
import {
  type LoopbackClient,
  type ResourceAccess,
  type ResourceLister,
  UnknownResourceError,
} from '../../rest/resource-access.ts';
import { isListerProvider, type RESTStorage } from '../../rest/rest-storage.ts';
import { formatGroupResource, type GroupResource } from '../../runtime/group-version.ts';

/** Finds the storage of a resource; undefined if it has none. */
export type FindStorage = (
  resource: GroupResource,
) => RESTStorage | undefined | Promise<RESTStorage | undefined>;

export class StorageResourceAccess implements ResourceAccess {
  readonly client: LoopbackClient;
  readonly #find: FindStorage;

  constructor(client: LoopbackClient, find: FindStorage) {
    this.client = client;
    this.#find = find;
  }

  /**
   * Finds the storage when it is read: whoever asks may be made before the servers are, and custom resources come and
   * go. Bound, for it is often taken out of its object.
   */
  readonly lister = <T extends KubeObject>(resource: GroupResource): ResourceLister<T> => {
    const found = async (): Promise<ResourceLister<T>> =>
      (await this.#listerFor(resource)) as ResourceLister<KubeObject> as ResourceLister<T>;
    return {
      snapshot: async (maxStalenessMs) => (await found()).snapshot(maxStalenessMs),
      get: async (namespace, name, maxStalenessMs) => (await found()).get(namespace, name, maxStalenessMs),
      list: async (namespace, maxStalenessMs) => (await found()).list(namespace, maxStalenessMs),
      replacedAt: async (revision) => (await found()).replacedAt(revision),
      sparse: async () => (await found()).sparse?.(),
    };
  };

  async #listerFor(resource: GroupResource): Promise<ResourceLister<KubeObject>> {
    const storage = await this.#find(resource);
    if (storage !== undefined && isListerProvider(storage)) return storage.lister();
    throw new UnknownResourceError(`no storage for ${formatGroupResource(resource)}`);
  }
}
