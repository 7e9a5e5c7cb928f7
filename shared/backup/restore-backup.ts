/** Restores a backup's objects unchanged, with uids, times and managedFields, but with new, higher revisions. */

import type { UnstructuredObject } from '../meta/kube-object.ts';
import { isStorageError } from '../storage/errors.ts';
import type { Storage } from '../storage/storage.ts';
import { type Clock, systemClock } from '../util/clock.ts';
import { BackupError, type BackupRecord, type ResourceRecord } from './backup-records.ts';
import { hasObject, hasResource, type Scope, ScopeCheck } from './scope.ts';
import { type Store, storageOf } from './stored-resources.ts';

export interface RestoreReport {
  /** Objects written, without those that were equal to the backup's already. */
  readonly written: number;
  readonly unchanged: number;
  /** Deleted objects that the backup doesn't have. */
  readonly deleted: number;
  /** Objects that the backup doesn't have, if they are kept. */
  readonly kept: number;
}

/**
 * How far a replaced store advances beyond the last known revision: more than were handed out since, so that clients'
 * revisions are rejected as too old, and not waited for.
 */
export const HEADROOM = 100_000_000;

/** Maximum number of concurrent writes; those to one resource are grouped. */
const AT_ONCE = 100;

export interface RestoreScope extends Scope {
  /** What to do with objects that the backup doesn't have; `unseen`: they are kept without looking for them. */
  readonly others?: 'delete' | 'keep' | 'unseen' | undefined;
  readonly clock?: Clock | undefined;
}

/** Time to retry a write that the store defers, in milliseconds: a new table takes a while to scale. */
const TIMEOUT_MS = 10 * 60_000;

/**
 * Afterwards the resources in scope have exactly the backup's objects, unless others are kept. Every later revision is
 * higher than those of the backup, and if the store was behind the backup, higher than those handed out since: watches
 * and caches that know them remain correct. Can be interrupted and run again. The caller must ensure that no server
 * uses the store meanwhile, and must have read the records to their end before.
 */
export async function restoreBackup(
  store: Store,
  records: AsyncIterable<BackupRecord>,
  scope: RestoreScope = {},
): Promise<RestoreReport> {
  const report = { written: 0, unchanged: 0, deleted: 0, kept: 0 };
  const check = new ScopeCheck({ resources: scope.resources });
  let current: Pick<ResourceRestore, 'put' | 'finish'> | undefined;
  for await (const record of records) {
    if ('backup' in record) continue;
    check.see(record);
    if ('key' in record) {
      if (current === undefined)
        throw new BackupError('the backup has an object that belongs to no resource');
      await current.put(record.key, record.object);
      continue;
    }
    await current?.finish();
    current = hasResource(scope, record)
      ? await ResourceRestore.begin({ store, record, scope, report })
      : SKIPPED;
  }
  await current?.finish();
  const missing = check.missing();
  if (missing.length > 0) throw new BackupError(`the backup has no ${missing.join(', no ')}`);
  return report;
}

interface Restoring {
  readonly store: Store;
  readonly record: ResourceRecord;
  readonly scope: RestoreScope;
  readonly report: { written: number; unchanged: number; deleted: number; kept: number };
}

class ResourceRestore {
  readonly #restoring: Restoring;
  readonly #storage: Storage<UnstructuredObject>;
  /** Keys that existed at the start; undefined: unknown. */
  readonly #there: ReadonlySet<string> | undefined;
  /** Existing keys that the backup has not contained yet. */
  readonly #others: Set<string>;
  readonly #inFlight = new Set<Promise<void>>();
  #failure: unknown;

  static async begin(restoring: Restoring): Promise<ResourceRestore> {
    const { store, record, scope } = restoring;
    const config = storageOf(record, store);
    // Before any read, so that the storage sees no gap in its revisions.
    const { prefix, resourceVersion } = record;
    if ((await store.factory.newestRevision(prefix)) < resourceVersion) {
      await store.factory.fastForward(config, resourceVersion + HEADROOM);
    }
    const storage = store.factory.storageFor(config);
    const there =
      scope.others === 'unseen'
        ? undefined
        : new Set((await storage.list({ prefix: '' })).items.map(({ key }) => key));
    return new ResourceRestore(restoring, storage, there);
  }

  private constructor(
    restoring: Restoring,
    storage: Storage<UnstructuredObject>,
    there: ReadonlySet<string> | undefined,
  ) {
    const { scope, record } = restoring;
    this.#restoring = restoring;
    this.#storage = storage;
    this.#there = there;
    this.#others = new Set([...(there ?? [])].filter((key) => hasObject(scope, record, key)));
  }

  async put(key: string, object: UnstructuredObject): Promise<void> {
    const { scope, record, report } = this.#restoring;
    if (!hasObject(scope, record, key)) return;
    this.#others.delete(key);
    await this.#start(async () => {
      if (await this.#write(key, object)) report.written++;
      else report.unchanged++;
    });
  }

  /** False: the object is equal already. */
  async #write(key: string, object: UnstructuredObject): Promise<boolean> {
    if (!this.#there?.has(key)) {
      const { resourceVersion: _, ...metadata } = object.metadata;
      try {
        await this.#storage.create(key, { ...object, metadata });
        return true;
      } catch (error) {
        // Existing keys were not looked for, or an earlier attempt succeeded without a response.
        if (!isStorageError(error, 'KeyExists')) throw error;
      }
    }
    let before = 0;
    const { resourceVersion } = await this.#storage.guaranteedUpdate(key, {
      ignoreNotFound: true,
      tryUpdate: async (_, revision) => {
        before = revision;
        return { object };
      },
    });
    return resourceVersion !== before;
  }

  async finish(): Promise<void> {
    if (this.#restoring.scope.others === 'keep') {
      this.#restoring.report.kept += this.#others.size;
      this.#others.clear();
    }
    for (const key of this.#others) {
      await this.#start(async () => {
        await this.#storage.delete(key).catch((error: unknown) => {
          if (!isStorageError(error, 'KeyNotFound')) throw error;
        });
        this.#restoring.report.deleted++;
      });
    }
    await Promise.all(this.#inFlight);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #withRetries(work: () => Promise<void>): Promise<void> {
    const { clock = systemClock } = this.#restoring.scope;
    const until = clock.monotonic() + TIMEOUT_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isPutOff(error) || clock.monotonic() > until) throw error;
        await clock.sleep(1_000 * (1 + clock.random()));
      }
    }
  }

  async #start(work: () => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    while (this.#inFlight.size >= AT_ONCE) await Promise.race(this.#inFlight);
    const running = this.#withRetries(work)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#inFlight.delete(running));
    this.#inFlight.add(running);
  }
}

/** Whether the store was too busy, or its response was lost. */
const isPutOff = (error: unknown): boolean => isStorageError(error, 'Throttled', 'Timeout', 'Unreachable');

/** For a resource that is out of scope. */
const SKIPPED = { put: async () => {}, finish: async () => {} };
