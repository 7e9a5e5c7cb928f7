/** What clients that knew the former store hear of the one that was restored in its place. */

import { afterAll, expect, test } from 'vitest';
import type { BackupRecord } from '../../../shared/backup/backup-records.ts';
import { createBackup } from '../../../shared/backup/create-backup.ts';
import { HEADROOM, restoreBackup } from '../../../shared/backup/restore-backup.ts';
import { type Store, storageOf } from '../../../shared/backup/stored-resources.ts';
import type { UnstructuredObject } from '../../../shared/meta/kube-object.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

const CONFIG_MAPS = { prefix: '/registry/core/configmaps', group: '', resource: 'configmaps' };
const open: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(open.map((close) => close())));

async function newStore(): Promise<{ store: Store; storage: Storage<UnstructuredObject> }> {
  const factory = await newTestStorageFactory();
  open.push(() => factory.close());
  const store: Store = { factory, transformerFor: () => undefined };
  return { store, storage: factory.storageFor(storageOf(CONFIG_MAPS, store)) };
}

async function create(storage: Storage<UnstructuredObject>, name: string): Promise<number> {
  const metadata = { name, namespace: 'shop' };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
  return (await storage.create(`shop/${name}`, object)).resourceVersion;
}

async function* replay(records: readonly BackupRecord[]): AsyncGenerator<BackupRecord> {
  yield* records;
}

test('what was written after the backup is too old to go on from, whether or not it was heard of', async () => {
  const { store, storage } = await newStore();
  for (const name of ['a', 'b', 'c']) await create(storage, name);
  const records: BackupRecord[] = [];
  for await (const record of createBackup(store, { source: 's', now: 0 })) records.push(record);
  const taken = await create(storage, 'd');
  const heardLast = await create(storage, 'e');

  const { store: another, storage: restored } = await newStore();
  expect(await restoreBackup(another, replay(records))).toEqual({ written: 3, unchanged: 0, deleted: 0 });
  for (const revision of [taken - 1, taken, heardLast]) {
    await expect(restored.watch({ prefix: '', resourceVersion: String(revision) })).rejects.toMatchObject({
      code: 'Expired',
    });
  }
  const { resourceVersion } = await restored.list({ prefix: '' });
  expect(resourceVersion).toBe(taken - 1 + HEADROOM + 3);

  // Once more, as after an interruption: revisions stay.
  expect(await restoreBackup(another, replay(records))).toEqual({ written: 0, unchanged: 3, deleted: 0 });
  expect((await restored.list({ prefix: '' })).resourceVersion).toBe(resourceVersion);
});

test('a restore into the store that the backup is of is told to its watches', async () => {
  const { store, storage } = await newStore();
  await create(storage, 'a');
  const records: BackupRecord[] = [];
  for await (const record of createBackup(store, { source: 's', now: 0 })) records.push(record);
  const known = await create(storage, 'b');
  expect(await restoreBackup(store, replay(records))).toEqual({ written: 0, unchanged: 1, deleted: 1 });
  const watch = await storage.watch({ prefix: '', resourceVersion: String(known) });
  const { value } = await watch[Symbol.asyncIterator]().next();
  expect(value).toMatchObject({ type: 'DELETED', item: { key: 'shop/b', resourceVersion: known + 1 } });
  watch.stop();
});
