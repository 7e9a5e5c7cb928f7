import { afterAll, beforeAll, expect, test } from 'vitest';
import { CustomResourceAttributes } from '../../../shared/apiextensions/registry/customresource/custom-resource-attributes.ts';
import { customResourceCodec } from '../../../shared/apiextensions/registry/customresource/custom-resource-codec.ts';
import type { UnstructuredObject } from '../../../shared/meta/kube-object.ts';
import type { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { SelectionPredicate } from '../../../shared/storage/selection-predicate.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

let factory: DynamoDBStorageFactory;
beforeAll(async () => {
  factory = await newTestStorageFactory();
});
afterAll(() => factory.close());

let resources = 0;
/** A storage, and the number of objects decoded at once and in pieces. */
function open() {
  const decoded = { atOnce: 0, inPieces: 0 };
  const storage = factory.storageFor<UnstructuredObject>({
    resourcePrefix: `/registry/example.com/larges${++resources}`,
    codec: {
      ...customResourceCodec,
      decode(bytes) {
        decoded.atOnce++;
        return customResourceCodec.decode(bytes);
      },
      decodeInPieces(bytes) {
        decoded.inPieces++;
        return customResourceCodec.decodeInPieces!(bytes);
      },
    },
    attributes: (object) => new CustomResourceAttributes(object),
  });
  return { storage, decoded };
}

const thing = (name: string, app: string, size: number) =>
  ({
    kind: 'Thing',
    apiVersion: 'example.com/v1',
    metadata: { name, labels: { app } },
    spec: { text: 'x'.repeat(size) },
  }) as unknown as UnstructuredObject;
const predicate: SelectionPredicate = { matches: ({ labels }) => labels['app'] === 'b' };
const NAMES = ['a', 'b', 'c'];
const LARGE = 100_000;

test.each([
  ['large', LARGE, { atOnce: 0, inPieces: 3 }],
  ['small', 10, { atOnce: 3, inPieces: 0 }],
])('lists by label decode %s objects once each', async (_, size, expected) => {
  const { storage, decoded } = open();
  for (const name of NAMES) await storage.create(name, thing(name, name, size));
  await storage.snapshot(0);
  Object.assign(decoded, { atOnce: 0, inPieces: 0 });
  const lists = await Promise.all([1, 2, 3].map(() => storage.list({ prefix: '', predicate })));
  for (const { items } of lists) expect(items.map(({ key }) => key)).toEqual(['b']);
  expect(decoded).toEqual(expected);
});

test.each([
  ['large', LARGE, { atOnce: 0, inPieces: 5 }],
  ['small', 10, { atOnce: 5, inPieces: 0 }],
])('watches by label decode %s states once each', async (_, size, expected) => {
  const { storage, decoded } = open();
  const { resourceVersion } = await storage.create('first', thing('first', 'a', 10));
  for (const name of NAMES) await storage.create(name, thing(name, name, size));
  await storage.guaranteedUpdate('b', { tryUpdate: async () => ({ object: thing('b', 'c', size) }) });
  await storage.snapshot(0);
  Object.assign(decoded, { atOnce: 0, inPieces: 0 });
  const controller = new AbortController();
  const watch = await storage.watch({
    prefix: '',
    predicate,
    resourceVersion: String(resourceVersion),
    signal: controller.signal,
  });
  const seen: string[] = [];
  for await (const event of watch) {
    if (event.type === 'BOOKMARK') continue;
    seen.push(`${event.type} ${event.item.key}`);
    if (seen.length === 2) break;
  }
  controller.abort();
  expect(seen).toEqual(['ADDED b', 'DELETED b']);
  expect(decoded).toEqual(expected);
});
