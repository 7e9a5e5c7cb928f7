import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

interface Thing {
  metadata: { name: string; resourceVersion?: string; uid?: string };
  spec: { n: number };
}
let factory: DynamoDBStorageFactory;
beforeAll(async () => {
  factory = await newTestStorageFactory();
});
afterAll(async () => {
  await factory.close();
});
const enc = (o: Thing, rv: number) =>
  Buffer.from(JSON.stringify({ ...o, metadata: { ...o.metadata, resourceVersion: String(rv) } }));
test('create, update, list, watch, delete', async () => {
  const s = factory.storageFor<Thing>({
    resourcePrefix: '/registry/things',
    codec: {
      encode: enc,
      decode: (b) => JSON.parse(Buffer.from(b).toString()),
      rewriteResourceVersion: (b, rv) => enc(JSON.parse(Buffer.from(b).toString()), rv),
    },
    attributes: () => ({ labels: {}, fields: {} }),
  });
  const w = await s.watch({ prefix: '' });
  const it = w[Symbol.asyncIterator]();
  const a = await s.create('ns/a', { metadata: { name: 'a' }, spec: { n: 1 } });
  const b = await s.guaranteedUpdate('ns/a', {
    tryUpdate: async (c) => ({ object: { ...c!, spec: { n: 2 } } }),
  });
  expect((await s.list({ prefix: 'ns/' })).items.map((i) => i.object().spec.n)).toEqual([2]);
  expect(await s.count()).toBe(1);
  await s.delete('ns/a');
  const seen = [];
  for (let i = 0; i < 3; i++) {
    const e = (await it.next()).value!;
    seen.push([e.type, e.type === 'BOOKMARK' ? 0 : e.item.resourceVersion]);
  }
  w.stop();
  expect(seen).toEqual([
    ['ADDED', a.resourceVersion],
    ['MODIFIED', b.resourceVersion],
    ['DELETED', b.resourceVersion + 1],
  ]);
  expect(await it.next()).toEqual({ done: true, value: undefined });
  await expect(s.get('ns/a')).rejects.toMatchObject({ code: 'KeyNotFound' });
});
