import type { Storage, StorageConfig, StorageFactory } from './storage.ts';

/** Makes one resource's storage, as `StorageFactory.storageFor` does. */
export type NewStorage = <T>(config: StorageConfig<T>) => Storage<T>;

/** The factory, with storages made by `storageFor`; everything else is the factory's own. */
export function wrapStorages(factory: StorageFactory, storageFor: NewStorage): StorageFactory {
  return {
    storageFor,
    pairs: (name) => factory.pairs(name),
    ready: () => factory.ready(),
    sweepExpired: (config) => factory.sweepExpired(config),
    removeLeftovers: (config) => factory.removeLeftovers(config),
    fastForward: (config, revision) => factory.fastForward(config, revision),
    newestRevision: (prefix) => factory.newestRevision(prefix),
    foresee: (prefix) => factory.foresee(prefix),
    objectCounts: () => factory.objectCounts(),
    close: () => factory.close(),
  };
}
