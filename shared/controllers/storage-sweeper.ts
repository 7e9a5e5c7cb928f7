/** Cleans a store now and then: what has expired, and what the store keeps longer than it is needed. */

import { formatGroupResource } from '../runtime/group-version.ts';
import type { StorageConfig, StorageFactory } from '../storage/storage.ts';
import { wrapStorages } from '../storage/wrap-storages.ts';
import { resourceOfPrefix } from './observed-storage.ts';

/** Milliseconds between two sweeps. */
const EVERY_MS = 5 * 60_000;

/** Resources whose objects expire: reading all of one costs, so that the others are left alone. */
const EXPIRING = new Set(['events', 'events.events.k8s.io']);

function expires(prefix: string): boolean {
  const resource = resourceOfPrefix(prefix);
  return resource !== undefined && EXPIRING.has(formatGroupResource(resource));
}

export class StorageSweeper {
  readonly #factory: StorageFactory;
  readonly #configs = new Map<string, StorageConfig<never>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(factory: StorageFactory) {
    this.#factory = factory;
  }

  /** The factory, remembering which resources it is asked for. */
  storageFactory(): StorageFactory {
    const factory = this.#factory;
    return wrapStorages(factory, (config) => {
      this.#configs.set(config.resourcePrefix, config as unknown as StorageConfig<never>);
      return factory.storageFor(config);
    });
  }

  /** Sweeps now and then until `stop`; keeps no process alive. `onError`: of a sweep that failed; the next tries again. */
  start(onError: (error: unknown) => void): void {
    this.#timer ??= setInterval(() => {
      this.sweepExpired()
        .then(() => this.removeLeftovers())
        .catch(onError);
    }, EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Deletes expired objects, so that watchers hear of it; returns how many. */
  async sweepExpired(): Promise<number> {
    let swept = 0;
    for (const config of this.#configs.values()) {
      if (expires(config.resourcePrefix)) swept += await this.#factory.sweepExpired(config);
    }
    return swept;
  }

  /** Removes old log entries and tombstones of every resource, where no TTL of the store's own does; returns how many. */
  async removeLeftovers(): Promise<number> {
    let removed = 0;
    for (const config of this.#configs.values()) removed += await this.#factory.removeLeftovers(config);
    return removed;
  }
}
