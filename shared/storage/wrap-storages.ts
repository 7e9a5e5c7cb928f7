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

/** A storage that delegates to another, except for `changes`. */
export function wrapStorage<T>(storage: Storage<T>, changes: Partial<Storage<T>>): Storage<T> {
  return {
    resourcePrefix: storage.resourcePrefix,
    create: (key, object, options) => storage.create(key, object, options),
    get: (key, options) => storage.get(key, options),
    delete: (key, options) => storage.delete(key, options),
    deleteUnreadable: (key, options) => storage.deleteUnreadable(key, options),
    guaranteedUpdate: (key, options) => storage.guaranteedUpdate(key, options),
    list: (options) => storage.list(options),
    watch: (options) => storage.watch(options),
    snapshot: (maxStalenessMs) => storage.snapshot(maxStalenessMs),
    cachedSnapshot: (maxStalenessMs) => storage.cachedSnapshot?.(maxStalenessMs),
    replacedAt: (revision) => storage.replacedAt(revision),
    count: () => storage.count(),
    sparse: storage.sparse,
    ...changes,
  };
}
