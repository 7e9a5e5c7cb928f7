/** Tracks which of several processes are alive, by their heartbeats. */

import type { Clock } from '../util/clock.ts';
import { LastChanges } from '../util/last-changes.ts';
import { isStorageError } from './errors.ts';
import type { StoredRecord } from './record-config.ts';
import type { Storage, StoredObject } from './storage.ts';

/** Changed periodically by a live process. */
export interface Heartbeat extends StoredRecord {
  readonly beats: number;
}

export class Presence {
  readonly #storage: Storage<Heartbeat>;
  readonly #beats: LastChanges;
  readonly #timeoutMs: number;

  /** `timeoutMs`: time without a heartbeat after which a process counts as dead, by this process's own clock. */
  constructor(storage: Storage<Heartbeat>, clock: Clock, timeoutMs: number) {
    this.#storage = storage;
    this.#beats = new LastChanges(clock);
    this.#timeoutMs = timeoutMs;
  }

  /** Writes the heartbeat of `name`, and resolves to the names of all live processes, in order. Throws StorageError. */
  async beat(name: string): Promise<string[]> {
    await this.#storage.guaranteedUpdate(name, {
      ignoreNotFound: true,
      tryUpdate: async (current) => ({ object: { metadata: { name }, beats: (current?.beats ?? 0) + 1 } }),
    });
    const { items } = await this.#storage.snapshot(0);
    const present = items.filter((item) => item.key === name || this.#isPresent(item));
    await Promise.all(items.filter((item) => !present.includes(item)).map((item) => this.#forget(item)));
    return present.map(({ key }) => key);
  }

  #isPresent({ key, resourceVersion }: StoredObject<Heartbeat>): boolean {
    return this.#beats.age(key, resourceVersion) < this.#timeoutMs;
  }

  async #forget({ key, resourceVersion }: StoredObject<Heartbeat>): Promise<void> {
    this.#beats.forget(key);
    try {
      await this.#storage.delete(key, { preconditions: { resourceVersion: String(resourceVersion) } });
    } catch (error) {
      // It is alive again, or another process has removed it.
      if (!isStorageError(error)) throw error;
    }
  }
}
