import { afterAll, beforeAll, expect, test } from 'vitest';
import { observeWrites } from '../../../shared/controllers/observed-storage.ts';
import type { Storage, StorageFactory } from '../../../shared/storage/storage.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

interface Thing {
  size: number;
}

const told: string[] = [];
let factory: StorageFactory;
let storage: Storage<Thing>;
beforeAll(async () => {
  factory = observeWrites(await newTestStorageFactory(), ({ type, resource, namespace, name, contains }) => {
    const size = [1, 2].find((each) => contains?.(['"weight":', `"size":${each}}`]));
    told.push(`${type} ${resource.resource}.${resource.group} ${namespace}/${name} of ${size}`);
  });
  storage = factory.storageFor<Thing>({
    resourcePrefix: '/registry/example.com/things',
    codec: {
      encode: (object) => Buffer.from(JSON.stringify(object)),
      decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Thing,
      rewriteResourceVersion: (bytes) => bytes,
    },
    attributes: () => ({ labels: {}, fields: {}, uid: '', namespace: '' }),
  });
});
afterAll(() => factory.close());

test('reports successful writes only', async () => {
  const set = (size: number) =>
    storage.guaranteedUpdate('default/a', {
      tryUpdate: async () => ({ object: { size } }),
      ignoreNotFound: true,
    });
  await set(1);
  await set(1);
  await set(2);
  await storage.get('default/a');
  await storage.delete('default/a');
  await storage.create('b', { size: 1 });
  expect(told).toEqual([
    'MODIFIED things.example.com default/a of 1',
    'MODIFIED things.example.com default/a of 2',
    'DELETED things.example.com default/a of 2',
    'ADDED things.example.com /b of 1',
  ]);
});
