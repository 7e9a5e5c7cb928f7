/** The server's own access to its API: listers over storage, and a client through the handler chain. */

import type { KubeObject } from '../../meta/kube-object.ts';
import {
  type LoopbackClient,
  type ResourceAccess,
  type ResourceLister,
  UnknownResourceError,
} from '../../rest/resource-access.ts';
import { isListerProvider, type RESTStorage } from '../../rest/rest-storage.ts';
import { formatGroupResource, type GroupResource } from '../../runtime/group-version.ts';

/** Looks up the storage of a resource; undefined if it has none. */
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
   * Looks up the storage on each read, because callers may be created before the servers are, and custom resources come
   * and go. An arrow function, because it is often passed without its object.
   */
  readonly lister = <T extends KubeObject>(resource: GroupResource): ResourceLister<T> => {
    const read = <R>(work: (lister: ResourceLister<T>) => Promise<R>): Promise<R> =>
      this.#read(resource, (lister) => work(lister as ResourceLister<KubeObject> as ResourceLister<T>));
    return {
      snapshot: (maxStalenessMs) => read((lister) => lister.snapshot(maxStalenessMs)),
      get: (namespace, name, maxStalenessMs) => read((lister) => lister.get(namespace, name, maxStalenessMs)),
      list: (namespace, maxStalenessMs) => read((lister) => lister.list(namespace, maxStalenessMs)),
      count: (namespace, maxStalenessMs) => read((lister) => lister.count(namespace, maxStalenessMs)),
      replacedAt: (revision) => read((lister) => lister.replacedAt(revision)),
      sparse: () => read(async (lister) => lister.sparse?.()),
    };
  };

  /** Most lookups complete synchronously, and a write makes many of them, so this avoids creating promises. */
  #read<R>(resource: GroupResource, work: (lister: ResourceLister<KubeObject>) => Promise<R>): Promise<R> {
    try {
      const found = this.#find(resource);
      if (found instanceof Promise) return found.then((storage) => work(listerOf(storage, resource)));
      return work(listerOf(found, resource));
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

function listerOf(storage: RESTStorage | undefined, resource: GroupResource): ResourceLister<KubeObject> {
  if (storage !== undefined && isListerProvider(storage)) return storage.lister();
  throw new UnknownResourceError(`no storage for ${formatGroupResource(resource)}`);
}
