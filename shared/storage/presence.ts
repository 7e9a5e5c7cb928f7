/** Who of several processes is there, by what each writes now and then. */

import type { Clock } from '../util/clock.ts';
import { LastChanges } from '../util/last-changes.ts';
import { isStorageError } from './errors.ts';
import type { StoredRecord } from './record-config.ts';
import type { Storage, StoredObject } from './storage.ts';

/** What a process changes for as long as it lives. */
export interface Heartbeat extends StoredRecord {
  readonly beats: number;
}

export class Presence {
  readonly #storage: Storage<Heartbeat>;
  readonly #beats: LastChanges;
  readonly #patienceMs: number;

  /** `patienceMs`: whose beat doesn't change for so long is gone, by this process's own clock, whatever others' say. */
  constructor(storage: Storage<Heartbeat>, clock: Clock, patienceMs: number) {
    this.#storage = storage;
    this.#beats = new LastChanges(clock);
    this.#patienceMs = patienceMs;
  }

  /** Shows that `name` is there, and resolves to the names of all that are, in order. Throws StorageError. */
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
    return this.#beats.age(key, resourceVersion) < this.#patienceMs;
  }

  async #forget({ key, resourceVersion }: StoredObject<Heartbeat>): Promise<void> {
    this.#beats.forget(key);
    try {
      await this.#storage.delete(key, { preconditions: { resourceVersion: String(resourceVersion) } });
    } catch (error) {
      // It is there again, or somebody else was faster.
      if (!isStorageError(error)) throw error;
    }
  }
}
