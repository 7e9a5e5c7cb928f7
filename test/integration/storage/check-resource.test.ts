/** Damage to a table that `zeroplane fsck` finds and repairs. */

import { afterAll, beforeEach, expect, test } from 'vitest';
import { customResourceCodec } from '../../../shared/apiextensions/registry/customresource/custom-resource-codec.ts';
import type { UnstructuredObject } from '../../../shared/meta/kube-object.ts';
import { checkResource } from '../../../shared/storage/dynamodb/check-resource.ts';
import { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { Item, ItemKey, Write } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { encodePart, encodeRevision } from '../../../shared/storage/dynamodb/layout.ts';
import { repairResource } from '../../../shared/storage/dynamodb/repair-resource.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import type { StorageConfig } from '../../../shared/storage/storage.ts';
import { newTestTable } from '../../fixtures/storage.ts';

const { endpoint, tableName } = await newTestTable();
const table = new SDKDynamoDBTable({ endpoint, tableName, now: Date.now });
afterAll(() => table.close());

const SMALL_PARTS = { partBytes: 1000, packFrom: Number.MAX_SAFE_INTEGER };
let factory: DynamoDBStorageFactory;
let config: StorageConfig<UnstructuredObject>;
let runs = 0;

const object = (name: string, data = ''): UnstructuredObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { data },
  }) as unknown as UnstructuredObject;

/** Revisions: 2 a, 3 b, 4 a again, 5 big, 6 b deleted, 7 big again. */
beforeEach(async () => {
  factory = new DynamoDBStorageFactory({ table, protocol: SMALL_PARTS });
  const attributes = () => ({ labels: {}, fields: {}, uid: '', namespace: '' });
  const terms = ({ metadata }: UnstructuredObject) => [metadata.name!];
  config = { resourcePrefix: `/registry/things${runs++}`, codec: customResourceCodec, attributes, terms };
  const storage = factory.storageFor(config);
  const put = (name: string, data: string) =>
    storage.guaranteedUpdate(name, { tryUpdate: async () => ({ object: object(name, data) }) });
  await storage.create('a', object('a'), {});
  await storage.create('b', object('b'), {});
  await put('a', 'second');
  await storage.create('big', object('big', 'x'.repeat(2500)), {});
  await storage.delete('b');
  await put('big', 'y'.repeat(2500));
  await storage.sparse!.index();
});

const contents = async (): Promise<unknown> => {
  const fresh = new DynamoDBStorageFactory({ table, protocol: SMALL_PARTS });
  const { items, resourceVersion } = await fresh.storageFor(config).list({ prefix: '' });
  return { resourceVersion, items: items.map((item) => item.object()) };
};

const row = (sk: string): ItemKey => ({ pk: config.resourcePrefix, sk });
const entry = (revision: number): ItemKey => ({
  pk: `${config.resourcePrefix}#log`,
  sk: encodeRevision(revision),
});
const part = (revision: number, at: number): ItemKey => ({
  pk: `${config.resourcePrefix}#parts`,
  sk: encodePart(revision, at),
});
const head = (): ItemKey => ({ pk: `${config.resourcePrefix}#head`, sk: '-' });

async function change(key: ItemKey, edit: (item: Item) => Item): Promise<void> {
  const item = await table.get(key, { consistent: true });
  await table.write({ put: edit(item!) });
}

const remove = (key: ItemKey): Promise<void> => table.write({ delete: key } satisfies Write);

async function messages(): Promise<string[]> {
  return (await checkResource(factory.contextOf(config))).findings.map(({ message }) => message);
}

test('undamaged data has no errors', async () => {
  const { objects, entries, findings } = await checkResource(factory.contextOf(config));
  expect({ objects, entries, findings }).toEqual({ objects: 2, entries: 6, findings: [] });
});

const garbage = Uint8Array.of(9, 9, 9);

test.each<[name: string, harm: () => Promise<void>, found: readonly string[]]>([
  ['a missing object', () => remove(row('a')), ['a is missing: revision 4 wrote it']],
  [
    'an outdated object',
    () => change(row('a'), ({ n: _, ...item }) => ({ ...item, rv: 2 })),
    ['a is at revision 2, the log at 4'],
  ],
  [
    'an object with damaged bytes',
    () => change(row('a'), (item) => ({ ...item, d: garbage })),
    [`a can't be read: unable to transform key`],
  ],
  [
    'an object with other content than written',
    async () => {
      const { d } = (await table.get(row('a'), { consistent: true }))!;
      const text = Buffer.from(d as Uint8Array)
        .toString('latin1')
        .replace('second', 'secund');
      await change(row('a'), (item) => ({ ...item, d: Buffer.from(text, 'latin1') }));
    },
    ['a is another object than its revision 4 wrote'],
  ],
  [
    'a deleted object that reappeared',
    async () => {
      const { d } = (await table.get(row('a'), { consistent: true }))!;
      await table.write({ put: { ...row('b'), rv: 6, d: d! } });
    },
    ['b is there, but revision 6 deleted it'],
  ],
  [
    'a deleted object that the log has',
    () => table.write({ put: { ...row('a'), rv: 4, del: true, ttl: 9_999_999_999 } }),
    ['a is deleted, but revision 4 wrote it'],
  ],
  ['a missing part', () => remove(part(7, 1)), ['big has 2 of its 3 parts']],
  [
    'superfluous parts',
    async () => {
      for (const at of [0, 1]) await table.write({ put: { ...part(3, at), d: garbage } });
    },
    ['2 parts of revision 3 belong to no object'],
  ],
  [
    'superfluous parts of the log',
    () => table.write({ put: { ...entry(1), sk: encodePart(1, 0), d: garbage, ttl: 9_999_999_999 } }),
    ["1 parts of the log's revision 1 belong to no entry"],
  ],
  [
    'a head with an older revision',
    () => change(head(), (item) => ({ ...item, next: 3 })),
    ['the head is at 3, but revision 7 was written'],
  ],
  ['a missing head', () => remove(head()), ['there is no head, but revision 7 was written']],
  [
    'a row without a revision',
    () => change(row('a'), ({ rv: _, ...item }) => item),
    ['the item at a is not an object: it has no revision'],
  ],
  [
    'a row with a revision that is no number',
    () => change(row('a'), (item) => ({ ...item, rv: '4' })),
    ['the item at a is not an object: it has no revision'],
  ],
  [
    'a row without a value',
    () => change(row('a'), ({ d: _, ...item }) => item),
    ['the item at a is not an object: it has no value'],
  ],
  ['a missing entry', () => remove(entry(4)), ['the log has no revision 4, which wrote a']],
  [
    'a missing newest entry',
    () => remove(entry(7)),
    ["parts of the log's revision 7 belong to no entry", 'the log has no revision 7, which wrote big'],
  ],
  [
    'an entry with damaged bytes',
    () => change(entry(2), (item) => ({ ...item, d: garbage })),
    ["the log's revision 2 can't be read"],
  ],
  [
    'an entry with missing parts',
    () => remove({ ...entry(5), sk: encodePart(5, 0) }),
    ["the log's revision 5 has 2 of its 3 parts"],
  ],
  [
    'an entry that does not say whose it is',
    () => change(entry(4), ({ k: _, ...item }) => item),
    ["the log's revision 4 has no key"],
  ],
  [
    'an entry of a deletion without a value',
    () => change(entry(6), ({ d: _, ...item }) => item),
    ["the log's revision 6 has no value"],
  ],
])('%s: found and repaired', async (_, harm, found) => {
  const before = await contents();
  await harm();
  const { findings } = await checkResource(factory.contextOf(config));
  expect(findings.map(({ message }) => message)).toEqual(found.map((text) => expect.stringContaining(text)));
  const fresh = new DynamoDBStorageFactory({ table, protocol: SMALL_PARTS });
  const access = {
    context: fresh.contextOf(config),
    forward: (revision: number) => fresh.fastForward(config, revision),
  };
  for (const { repair } of findings) await repairResource(access, repair!);
  expect(await messages()).toEqual([]);
  expect(await contents()).toEqual(before);
});

test.each<[name: string, harm: () => Promise<void>, found: readonly string[]]>([
  [
    'an entry with another predecessor than stored',
    () => change(entry(4), (item) => ({ ...item, p: 3 })),
    ['revision 4 of a follows revision 3, instead of revision 2'],
  ],
  [
    'an object and its entry, both damaged',
    async () => {
      await change(row('a'), (item) => ({ ...item, d: garbage }));
      await change(entry(4), (item) => ({ ...item, d: garbage }));
    },
    ["the log's revision 4 can't be read", "a can't be read"],
  ],
  [
    'an entry that another key would read',
    () => change(entry(4), (item) => ({ ...item, d: Buffer.from('k8s:enc:aesgcm:v1:k:') })),
    ["the log's revision 4 can't be read"],
  ],
])('%s: found, and not repairable', async (_, harm, found) => {
  await harm();
  const { findings } = await checkResource(factory.contextOf(config));
  expect(findings).toEqual(
    found.map((text) => ({ message: expect.stringContaining(text), repair: undefined })),
  );
});

test('a watch that comes to a break which a repair has put is told to list anew', async () => {
  await remove(entry(4));
  const context = factory.contextOf(config);
  for (const { repair } of (await checkResource(context)).findings) {
    await repairResource({ context, forward: async () => {} }, repair!);
  }
  const fresh = new DynamoDBStorageFactory({ table, protocol: SMALL_PARTS });
  const storage = fresh.storageFor(config);
  const outcome = async () => {
    const watch = await storage.watch({ prefix: '', resourceVersion: '3' });
    return (await watch[Symbol.asyncIterator]().next()).value;
  };
  await expect(outcome()).rejects.toMatchObject({ code: 'Expired' });
  expect((await storage.create('new', object('new'))).resourceVersion).toBe(8);
});

test('a log that begins late is not an error', async () => {
  for (const revision of [2, 3, 4]) await remove(entry(revision));
  expect(await messages()).toEqual([]);
});
