/** Reads a control plane's objects as records of a backup. */

import { BACKUP_FORMAT, type BackupRecord } from './backup-records.ts';
import { hasObject, hasResource, type Scope } from './scope.ts';
import { type Store, type StoredResource, storageOf, storedResources } from './stored-resources.ts';

export interface BackupOptions {
  /** What is backed up, for people: a tenant's name. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether to include events, which expire after an hour. */
  readonly events?: boolean | undefined;
  /** The part to back up. */
  readonly scope?: Scope | undefined;
}

const isEvents = (prefix: string): boolean => prefix.endsWith('/events');

/**
 * Each resource is read at one revision, one after another, no older than the start of its read. Later writes to it are
 * not in the backup. Requests are served meanwhile.
 */
export async function* createBackup(store: Store, options: BackupOptions): AsyncGenerator<BackupRecord> {
  yield backupHeader(options);
  for (const resource of await resourcesToTake(store, options)) {
    yield* resourceRecords(store, resource, options);
  }
}

export function backupHeader({ now, source }: BackupOptions): BackupRecord {
  return { backup: BACKUP_FORMAT, createdAt: new Date(now).toISOString(), source };
}

export async function resourcesToTake(
  store: Store,
  { scope = {}, events = false }: BackupOptions,
): Promise<StoredResource[]> {
  const resources = await storedResources(store);
  return resources.filter((one) => hasResource(scope, one) && (events || !isEvents(one.prefix)));
}

/** An empty resource has a record too, if it was ever written to: a restore must not lower its revisions. */
export async function* resourceRecords(
  store: Store,
  resource: StoredResource,
  { scope = {} }: BackupOptions,
): AsyncGenerator<BackupRecord> {
  const storage = store.factory.storageFor(storageOf(resource, store));
  const { items: all, resourceVersion } = await storage.list({ prefix: '' });
  const items = all.filter(({ key }) => hasObject(scope, resource, key));
  if (items.length === 0 && resourceVersion <= 1) return;
  yield { ...resource, resourceVersion, objects: items.length };
  for (const item of items) yield { key: item.key, object: item.object() };
}
