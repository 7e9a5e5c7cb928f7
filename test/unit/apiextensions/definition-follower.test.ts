import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DefinitionFollower } from '../../../shared/apiextensions/serving/definition-follower.ts';
import type { Definition } from '../../../shared/apis/apiextensions/definition.ts';
import type { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import { definition } from '../../fixtures/apiextensions/definition.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

let factory: DynamoDBStorageFactory;
let storage: Storage<Definition>;
beforeAll(async () => {
  factory = await newTestStorageFactory();
  storage = factory.storageFor<Definition>({
    resourcePrefix: '/registry/definitions',
    codec: {
      encode: (object) => Buffer.from(JSON.stringify(object)),
      decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Definition,
      rewriteResourceVersion: (bytes) => bytes,
    },
    attributes: () => ({ labels: {}, fields: {}, uid: '', namespace: '' }),
  });
});
afterAll(() => factory.close());

test('reports existing and changed definitions while there are listeners; recovers from failures', async () => {
  await storage.create('a', definition());
  const heard: string[] = [];
  let failures = 1;
  const follower = new DefinitionFollower({
    storage,
    async catchUp() {
      const { items } = await storage.snapshot(0);
      heard.push(`there is ${items.map(({ key }) => key).join(' ')}`);
    },
    async changed(name, resourceVersion) {
      if (name === 'b' && failures-- > 0) throw new Error('not now');
      heard.push(`${name} ${resourceVersion === undefined ? 'went' : 'came'}`);
    },
  });
  const hears = (line: string) => vi.waitFor(() => expect(heard.at(-1)).toBe(line), 5_000);

  const releases = [follower.hold(), follower.hold()];
  await hears('there is a');
  await storage.create('b', definition());
  await hears('there is a b');
  releases[0]!();
  releases[0]!();
  await storage.delete('a');
  await hears('a went');
  releases[1]!();
  await storage.create('c', definition());
  await delay(50);

  const release = follower.hold();
  await hears('there is b c');
  await storage.create('d', definition());
  await hears('d came');
  release();
  expect(heard).toEqual(['there is a', 'there is a b', 'a went', 'there is b c', 'd came']);
});
