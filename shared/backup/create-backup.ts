/** A control plane's objects as records of a backup. */

import { BACKUP_FORMAT, type BackupRecord } from './backup-records.ts';
import { hasObject, hasResource, type Scope } from './scope.ts';
import { type Store, storageOf, storedResources } from './stored-resources.ts';

export interface BackupOptions {
  /** What is backed up, for people: a tenant's name. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Take events too, which live an hour. */
  readonly events?: boolean | undefined;
  /** What to take. */
  readonly scope?: Scope | undefined;
}

const isEvents = (prefix: string): boolean => prefix.endsWith('/events');

/**
 * Each resource at one revision; resources one after another, each no older than the moment its turn came. What is
 * written meanwhile to a resource that was taken already is not in the backup. Requests go on all the while.
 * Empty resources that were written to have a record too: a restore must not take their revisions back.
 */
export async function* createBackup(store: Store, options: BackupOptions): AsyncGenerator<BackupRecord> {
  const { scope = {} } = options;
  yield { backup: BACKUP_FORMAT, createdAt: new Date(options.now).toISOString(), source: options.source };
  for (const resource of await storedResources(store)) {
    if (!hasResource(scope, resource) || (isEvents(resource.prefix) && !options.events)) continue;
    const storage = store.factory.storageFor(storageOf(resource, store));
    const { items: all, resourceVersion } = await storage.list({ prefix: '' });
    const items = all.filter(({ key }) => hasObject(scope, resource, key));
    if (items.length === 0 && resourceVersion <= 1) continue;
    yield { ...resource, resourceVersion, objects: items.length };
    for (const item of items) yield { key: item.key, object: item.object() };
  }
}
