import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import { StorageLister } from '../../../../shared/registry/generic/storage-lister.ts';
import type { Store } from '../../../../shared/registry/generic/store.ts';
import type { DynamoDBStorageFactory } from '../../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { newStorageMemory } from '../../../../shared/storage/dynamodb/storage-memory.ts';
import type { Storage, StorageConfig } from '../../../../shared/storage/storage.ts';
import { newTestStorageFactory } from '../../../fixtures/storage.ts';

let factory: DynamoDBStorageFactory;
let storage: Storage<KubeObject>;
let decoded: string[] = [];
const PREFIX = '/registry/core/things';

const encode = (object: KubeObject, resourceVersion: number) =>
  Buffer.from(
    JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: `${resourceVersion}` } }),
  );
const decode = (bytes: Uint8Array) => {
  const object = JSON.parse(Buffer.from(bytes).toString()) as KubeObject;
  decoded.push(object.metadata.name!);
  return object;
};
const CONFIG: StorageConfig<KubeObject> = {
  resourcePrefix: PREFIX,
  codec: {
    encode,
    decode,
    rewriteResourceVersion: (bytes, revision) =>
      encode(JSON.parse(Buffer.from(bytes).toString()) as KubeObject, revision),
  },
  attributes: () => ({ labels: {}, fields: {}, uid: '', namespace: '' }),
};

const newLister = (): StorageLister<KubeObject> =>
  new StorageLister({
    storage,
    operation: () => ({ verb: 'get', resource: { group: '', resource: 'things' }, name: '' }),
  } as unknown as Store<KubeObject>);

beforeAll(async () => {
  factory = await newTestStorageFactory();
  storage = factory.storageFor(CONFIG);
  const owned = { ownerReferences: [{ apiVersion: 'v1', kind: 'Thing', name: 'a', uid: '1' }] };
  for (const [name, more] of [
    ['a', {}],
    ['b', owned],
    ['c', { annotations: { note: 'ownerReferences' } }],
    ['d', { deletionTimestamp: '2026-01-01T00:00:00Z' }],
  ] as const) {
    const metadata = { name, namespace: 'ns', ...more } as KubeObject['metadata'];
    await storage.create(`ns/${name}`, { metadata } as KubeObject);
  }
});
afterAll(() => factory.close());

test('a single object is read without the others', async () => {
  const lister = newLister();
  decoded = [];
  expect((await lister.get('ns', 'a', 0))?.metadata.name).toBe('a');
  expect(await lister.get('ns', 'nothing', 0)).toBeUndefined();
  expect([decoded, factory.objectCounts().get(PREFIX)]).toEqual([['a'], undefined]);
});

test('a snapshot finds objects that contain a text, decoding nothing else', async () => {
  const lister = newLister();
  const snapshot = await lister.snapshot(0);
  decoded = [];
  const names = async (...texts: string[]) =>
    (await snapshot.containing(texts)).map(({ metadata }) => metadata.name);
  expect(await names('"ownerReferences":', '"deletionTimestamp":')).toEqual(['b', 'd']);
  expect(await names('ownerReferences')).toEqual(['b', 'c']);
  expect(decoded).toEqual(['b', 'd', 'c']);
  expect(snapshot.get('ns/c')?.metadata.name).toBe('c');
  expect(snapshot.get('ns/nothing')).toBeUndefined();
});

test('a snapshot at hand is shared, and never used for the latest state', async () => {
  const lister = newLister();
  const first = await lister.snapshot(0);
  const old = Number.POSITIVE_INFINITY;
  expect(storage.cachedSnapshot?.(old)).toBe(await storage.snapshot(old));
  expect(lister.snapshot(old)).toBe(lister.snapshot(old));
  expect(await lister.snapshot(old)).toBe(first);
  // Other processes may have written since.
  expect(storage.cachedSnapshot?.(0)).toBeUndefined();
  await storage.create('ns/e', { metadata: { name: 'e', namespace: 'ns' } } as KubeObject);
  expect((await lister.snapshot(0)).get('ns/e')?.metadata.name).toBe('e');
});

test.each([
  ['counted', 0, 2],
  ['counted', 60_000, 2],
  ['other', 0, 0],
])(
  'objects of namespace "%s" at most %s ms ago are counted without decoding',
  async (namespace, ms, count) => {
    const lister = newLister();
    for (const name of ['x', 'y']) {
      const metadata = { name, namespace: 'counted' } as KubeObject['metadata'];
      await storage.create(`counted/${name}`, { metadata } as KubeObject).catch(() => undefined);
    }
    const { size } = await lister.snapshot(0);
    decoded = [];
    expect([await lister.count(namespace, ms), await lister.count('', 60_000), decoded]).toEqual([
      count,
      size,
      [],
    ]);
  },
);

test('large objects are decoded in pieces, and cached within the budget for encodings', async () => {
  const small = await newTestStorageFactory({ memory: newStorageMemory(undefined, 4_000_000) });
  let inPieces: string[] = [];
  const large = small.storageFor<KubeObject>({
    ...CONFIG,
    codec: {
      ...CONFIG.codec,
      async decodeInPieces(bytes) {
        const object = JSON.parse(Buffer.from(bytes).toString()) as KubeObject;
        inPieces.push(object.metadata.name!);
        return object;
      },
    },
  });
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  for (const name of names) {
    const metadata = { name, namespace: 'ns', annotations: { note: 'x'.repeat(100_000) } };
    await large.create(`ns/${name}`, { metadata } as unknown as KubeObject);
  }
  await large.snapshot(0);
  const lister = new StorageLister({
    storage: large,
    operation: () => ({ verb: 'get', resource: { group: '', resource: 'things' }, name: '' }),
  } as unknown as Store<KubeObject>);
  decoded = [];
  inPieces = [];
  expect(await lister.get('ns', 'a', 0)).toBe(await lister.get('ns', 'a', 0));
  expect([decoded, inPieces]).toEqual([[], ['a']]);
  const snapshot = await lister.snapshot(0);
  expect(await snapshot.containing(['note'], ({ metadata }) => metadata.name)).toEqual(names);
  expect([decoded, inPieces]).toEqual([[], ['a', ...names]]);
  for (const name of names) await lister.get('ns', name, 0);
  inPieces = [];
  await lister.get('ns', 'f', 0);
  await lister.get('ns', 'a', 0);
  expect([decoded, inPieces]).toEqual([[], ['a']]);
  await small.close();
});
