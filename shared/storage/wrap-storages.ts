import type { Storage, StorageConfig, StorageFactory } from './storage.ts';

/** Creates one resource's storage, like `StorageFactory.storageFor`. */
export type NewStorage = <T>(config: StorageConfig<T>) => Storage<T>;

/** Wraps the factory so that `storageFor` creates its storages; everything else is delegated. */
export function wrapStorages(factory: StorageFactory, storageFor: NewStorage): StorageFactory {
  return {
    storageFor,
    pairs: (name) => factory.pairs(name),
    ready: () => factory.ready(),
    sweepExpired: (config) => factory.sweepExpired(config),
    removeLeftovers: (config) => factory.removeLeftovers(config),
    fastForward: (config, revision) => factory.fastForward(config, revision),
    newestRevision: (prefix) => factory.newestRevision(prefix),
    prefetch: (prefix, what) => factory.prefetch(prefix, what),
    follow: (prefixes) => factory.follow(prefixes),
    gatherHeads: () => factory.gatherHeads(),
    refreshHeads: () => factory.refreshHeads(),
    written: () => factory.written(),
    plant: factory.plant,
    objectCounts: () => factory.objectCounts(),
    close: () => factory.close(),
  };
}

/** A storage that delegates to another. A tenant has hundreds, so methods are inherited instead of created for each. */
export class DelegatingStorage<T> implements Storage<T> {
  protected readonly inner: Storage<T>;

  constructor(inner: Storage<T>) {
    this.inner = inner;
  }

  get resourcePrefix(): string {
    return this.inner.resourcePrefix;
  }

  get sparse(): Storage<T>['sparse'] {
    return this.inner.sparse;
  }

  create(...[key, object, options]: Parameters<Storage<T>['create']>): ReturnType<Storage<T>['create']> {
    return this.inner.create(key, object, options);
  }

  get(...[key, options]: Parameters<Storage<T>['get']>): ReturnType<Storage<T>['get']> {
    return this.inner.get(key, options);
  }

  delete(...[key, options]: Parameters<Storage<T>['delete']>): ReturnType<Storage<T>['delete']> {
    return this.inner.delete(key, options);
  }

  deleteUnreadable(...[key, options]: Parameters<Storage<T>['deleteUnreadable']>): Promise<void> {
    return this.inner.deleteUnreadable(key, options);
  }

  guaranteedUpdate(
    ...[key, options]: Parameters<Storage<T>['guaranteedUpdate']>
  ): ReturnType<Storage<T>['guaranteedUpdate']> {
    return this.inner.guaranteedUpdate(key, options);
  }

  list(options: Parameters<Storage<T>['list']>[0]): ReturnType<Storage<T>['list']> {
    return this.inner.list(options);
  }

  watch(options: Parameters<Storage<T>['watch']>[0]): ReturnType<Storage<T>['watch']> {
    return this.inner.watch(options);
  }

  snapshot(maxStalenessMs: number): ReturnType<Storage<T>['snapshot']> {
    return this.inner.snapshot(maxStalenessMs);
  }

  cachedSnapshot(maxStalenessMs: number): ReturnType<NonNullable<Storage<T>['cachedSnapshot']>> {
    return this.inner.cachedSnapshot?.(maxStalenessMs);
  }

  replacedAt(revision: number): ReturnType<Storage<T>['replacedAt']> {
    return this.inner.replacedAt(revision);
  }

  count(): Promise<number> {
    return this.inner.count();
  }
}

/** A storage that delegates to another, except for `changes`. */
export function wrapStorage<T>(storage: Storage<T>, changes: Partial<Storage<T>>): Storage<T> {
  const properties = Object.entries(changes).map(([name, value]) => [name, { value, enumerable: true }]);
  return Object.defineProperties(new DelegatingStorage(storage), Object.fromEntries(properties));
}
