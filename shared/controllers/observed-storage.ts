/** Reports every write that this process commits: in a single-process host, that is every write. */

import type { KubeObject } from '../meta/kube-object.ts';
import { NODE_PORTS_PREFIX } from '../registry/core/service/port-allocator.ts';
import type { GroupResource } from '../runtime/group-version.ts';
import type { Storage, StorageFactory, StoredObject } from '../storage/storage.ts';
import { DelegatingStorage, wrapStorages } from '../storage/wrap-storages.ts';
import { READ_AT_ONCE } from '../util/breathe.ts';
import type { Change } from './controller.ts';

type Observer = (change: Change) => void;

/** Wraps a factory; its storages report creates, updates and deletes to `observer` after they are committed. */
export function observeWrites(factory: StorageFactory, observer: Observer): StorageFactory {
  return wrapStorages(factory, (config) => {
    const storage = factory.storageFor(config);
    const resource = resourceOfPrefix(config.resourcePrefix);
    return resource === undefined ? storage : new ObservedStorage(storage, resource, observer);
  });
}

/**
 * `/registry/apps/deployments` or, for the core group, `/registry/core/pods`. Undefined for internal resources of the
 * server: node ports, claims.
 */
export function resourceOfPrefix(prefix: string): GroupResource | undefined {
  return prefix.startsWith('/registry/') && prefix !== NODE_PORTS_PREFIX ? lastNames(prefix) : undefined;
}

/** The last two names of any prefix, interpreted like a resource's. */
export function lastNames(prefix: string): GroupResource {
  const [group, resource] = prefix.split('/').slice(-2) as [string, string];
  return { group: group === 'core' ? '' : group, resource };
}

async function changeOf<T>(
  type: Change['type'],
  resource: GroupResource,
  stored: StoredObject<T>,
): Promise<Change> {
  const slash = stored.key.indexOf('/');
  // Decoded in pieces, before observers use it.
  const isLarge = stored.bytes.length > READ_AT_ONCE;
  let object = isLarge ? ((await stored.objectInPieces()) as unknown as KubeObject) : undefined;
  return {
    type,
    resource,
    namespace: slash < 0 ? '' : stored.key.slice(0, slash),
    name: stored.key.slice(slash + 1),
    // Shared by all controllers, which must not modify it.
    object() {
      object ??= stored.object() as unknown as KubeObject;
      return object;
    },
    contains(texts) {
      const { buffer, byteOffset, length } = stored.bytes;
      const bytes = Buffer.from(buffer, byteOffset, length);
      return texts.some((text) => bytes.includes(text));
    },
  };
}

class ObservedStorage<T> extends DelegatingStorage<T> {
  readonly #resource: GroupResource;
  readonly #observer: Observer;

  constructor(inner: Storage<T>, resource: GroupResource, observer: Observer) {
    super(inner);
    this.#resource = resource;
    this.#observer = observer;
  }

  override async create(...args: Parameters<Storage<T>['create']>): ReturnType<Storage<T>['create']> {
    return this.#notify('ADDED', await this.inner.create(...args));
  }

  override async delete(...args: Parameters<Storage<T>['delete']>): ReturnType<Storage<T>['delete']> {
    return this.#notify('DELETED', await this.inner.delete(...args));
  }

  override async guaranteedUpdate(
    ...[key, options]: Parameters<Storage<T>['guaranteedUpdate']>
  ): ReturnType<Storage<T>['guaranteedUpdate']> {
    let before: number | undefined;
    const updated = await this.inner.guaranteedUpdate(key, {
      ...options,
      tryUpdate(current, resourceVersion) {
        before = resourceVersion;
        return options.tryUpdate(current, resourceVersion);
      },
    });
    // An update that wrote nothing is not reported: a controller that answers it with another update would never come
    // to rest.
    return updated.resourceVersion === before ? updated : this.#notify('MODIFIED', updated);
  }

  async #notify(type: Change['type'], stored: StoredObject<T>): Promise<StoredObject<T>> {
    this.#observer(await changeOf(type, this.#resource, stored));
    return stored;
  }
}
