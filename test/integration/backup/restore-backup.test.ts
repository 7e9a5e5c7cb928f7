/** Revisions after a restore, and restoring to a busy store. */

import { afterAll, expect, test } from 'vitest';
import type { BackupRecord } from '../../../shared/backup/backup-records.ts';
import { createBackup } from '../../../shared/backup/create-backup.ts';
import { HEADROOM, restoreBackup } from '../../../shared/backup/restore-backup.ts';
import { type Store, storageOf } from '../../../shared/backup/stored-resources.ts';
import type { UnstructuredObject } from '../../../shared/meta/kube-object.ts';
import { StorageError } from '../../../shared/storage/errors.ts';
import type { Storage, StorageFactory } from '../../../shared/storage/storage.ts';
import { HandClock } from '../../fixtures/hand-clock.ts';
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

test('revisions after the backup are too old to resume from, seen or not', async () => {
  const { store, storage } = await newStore();
  for (const name of ['a', 'b', 'c']) await create(storage, name);
  const records: BackupRecord[] = [];
  for await (const record of createBackup(store, { source: 's', now: 0 })) records.push(record);
  const taken = await create(storage, 'd');
  const heardLast = await create(storage, 'e');

  const { store: another, storage: restored } = await newStore();
  expect(await restoreBackup(another, replay(records))).toEqual({
    written: 3,
    unchanged: 0,
    deleted: 0,
    kept: 0,
  });
  for (const revision of [taken - 1, taken, heardLast]) {
    await expect(restored.watch({ prefix: '', resourceVersion: String(revision) })).rejects.toMatchObject({
      code: 'Expired',
    });
  }
  const { resourceVersion } = await restored.list({ prefix: '' });
  expect(resourceVersion).toBe(taken - 1 + HEADROOM + 3);

  // Repeated, as after an interruption: revisions are unchanged.
  expect(await restoreBackup(another, replay(records))).toEqual({
    written: 0,
    unchanged: 3,
    deleted: 0,
    kept: 0,
  });
  expect((await restored.list({ prefix: '' })).resourceVersion).toBe(resourceVersion);
});

test.each<['delete' | 'keep' | 'unseen', { deleted: number; kept: number }, string[]]>([
  ['delete', { deleted: 1, kept: 0 }, ['shop/a']],
  ['keep', { deleted: 0, kept: 1 }, ['shop/a', 'shop/b']],
  ['unseen', { deleted: 0, kept: 0 }, ['shop/a', 'shop/b']],
])('objects missing from the backup are handled by "%s"', async (others, report, left) => {
  const { store, storage } = await newStore();
  await create(storage, 'a');
  const records: BackupRecord[] = [];
  for await (const record of createBackup(store, { source: 's', now: 0 })) records.push(record);
  await create(storage, 'b');
  expect(await restoreBackup(store, replay(records), { others })).toEqual({
    ...{ written: 0, unchanged: 1 },
    ...report,
  });
  expect((await storage.list({ prefix: '' })).items.map(({ key }) => key)).toEqual(left);
});

test("a restore into the backup's own store is delivered to its watches", async () => {
  const { store, storage } = await newStore();
  await create(storage, 'a');
  const records: BackupRecord[] = [];
  for await (const record of createBackup(store, { source: 's', now: 0 })) records.push(record);
  const known = await create(storage, 'b');
  expect(await restoreBackup(store, replay(records))).toEqual({
    written: 0,
    unchanged: 1,
    deleted: 1,
    kept: 0,
  });
  const watch = await storage.watch({ prefix: '', resourceVersion: String(known) });
  const { value } = await watch[Symbol.asyncIterator]().next();
  expect(value).toMatchObject({ type: 'DELETED', item: { key: 'shop/b', resourceVersion: known + 1 } });
  watch.stop();
});

test('throttled writes are retried: those that took effect without a response, and those that did not', async () => {
  const { store, storage } = await newStore();
  for (const name of ['stays', 'goes']) await create(storage, name);
  const puttingOff = new Map([
    ['create', 2],
    ['delete', 1],
    ['guaranteedUpdate', 1],
  ]);
  const factory: StorageFactory = new Proxy(store.factory, {
    get(target, name) {
      if (name !== 'storageFor') return (Reflect.get(target, name) as () => unknown).bind(target);
      return (config: never) => new Proxy(target.storageFor(config), { get: readAndLose });
    },
  });
  function readAndLose(target: object, name: string): unknown {
    const method = (Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>).bind(target);
    return async (...args: unknown[]) => {
      const left = puttingOff.get(name) ?? 0;
      puttingOff.set(name, left - 1);
      // The last of them took effect.
      if (left === 1) await method(...args);
      if (left > 0) throw new StorageError('Timeout', 'nothing was heard');
      return method(...args);
    };
  }
  const clock = new HandClock();
  const metadata = (name: string) => ({ name, namespace: 'shop', labels: { from: 'backup' } });
  const object = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(name) });
  const records: BackupRecord[] = [
    { ...CONFIG_MAPS, resourceVersion: 1, objects: 2 },
    { key: 'shop/stays', object: object('stays') },
    { key: 'shop/comes', object: object('comes') },
  ];
  let isDone = false;
  const restored = restoreBackup({ ...store, factory }, replay(records), { clock }).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await Promise.race([clock.asleep(), restored]);
    clock.advance(2_000);
  }
  // Both of the writes acknowledged only in the second attempt are correct.
  expect(await restored).toEqual({ written: 0, unchanged: 2, deleted: 1, kept: 0 });
  const { items } = await storage.list({ prefix: '' });
  expect(items.map((item) => [item.key, item.object().metadata.labels])).toEqual([
    ['shop/comes', { from: 'backup' }],
    ['shop/stays', { from: 'backup' }],
  ]);
});

test('rejections by the store are reported', async () => {
  const { store } = await newStore();
  const refusing: StorageFactory = new Proxy(store.factory, {
    get(target, name) {
      if (name !== 'storageFor') return (Reflect.get(target, name) as () => unknown).bind(target);
      return (config: never) =>
        Object.assign(Object.create(target.storageFor(config)), {
          list: async () => ({ items: [], resourceVersion: 1 }),
          create: () => Promise.reject(new StorageError('Internal', 'broken')),
        });
    },
  });
  const records: BackupRecord[] = [
    { ...CONFIG_MAPS, resourceVersion: 1, objects: 1 },
    {
      key: 'shop/a',
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'shop' } },
    },
  ];
  await expect(
    restoreBackup({ ...store, factory: refusing }, replay(records), { clock: new HandClock() }),
  ).rejects.toThrow('broken');
});
