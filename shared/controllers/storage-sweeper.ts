/** Periodically removes expired objects, and internal items that the store no longer needs. */

import { formatGroupResource } from '../runtime/group-version.ts';
import type { StorageConfig, StorageFactory } from '../storage/storage.ts';
import { wrapStorages } from '../storage/wrap-storages.ts';
import { resourceOfPrefix } from './observed-storage.ts';

/** Milliseconds between two sweeps. */
const EVERY_MS = 5 * 60_000;

/** Resources whose objects expire. Others are not swept, since that reads the whole resource. */
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

  /** Wraps the factory to record the resources that are used. */
  storageFactory(): StorageFactory {
    const factory = this.#factory;
    return wrapStorages(factory, (config) => {
      this.#configs.set(config.resourcePrefix, config as unknown as StorageConfig<never>);
      return factory.storageFor(config);
    });
  }

  /**
   * Sweeps periodically until `stop`; doesn't keep the process alive. `onError`: called for a failed sweep, which the
   * next one repeats.
   */
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

  /** Deletes expired objects, so that watchers are notified; returns how many. */
  async sweepExpired(): Promise<number> {
    let swept = 0;
    for (const config of this.#configs.values()) {
      if (expires(config.resourcePrefix)) swept += await this.#factory.sweepExpired(config);
    }
    return swept;
  }

  /** Removes old log entries and tombstones of every resource, if the store has no TTL of its own; returns how many. */
  async removeLeftovers(): Promise<number> {
    let removed = 0;
    for (const config of this.#configs.values()) removed += await this.#factory.removeLeftovers(config);
    return removed;
  }
}
