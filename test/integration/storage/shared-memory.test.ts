/** Storages of several tenants that share memory. */

import { expect, test } from 'vitest';
import { newStorageMemory } from '../../../shared/storage/dynamodb/storage-memory.ts';
import { SharedContents } from '../../../shared/storage/shared-contents.ts';
import { createPod, newResource, text } from '../../conformance/storage/harness.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

const LONG = 'x'.repeat(20_000);

test('memory of a closed tenant is free for others', async () => {
  const memory = newStorageMemory();
  const factories = [await newTestStorageFactory({ memory }), await newTestStorageFactory({ memory })];
  const totals: number[] = [];
  for (const factory of factories) {
    const storage = factory.storageFor(newResource());
    await createPod(storage, 'a/1');
    await storage.snapshot(0);
    totals.push(memory.objects.total);
  }
  await factories[0]!.close();
  expect(memory.objects.total).toBe(totals[1]! - totals[0]!);
  await factories[1]!.close();
  expect(memory.objects.total).toBe(0);
});

test('equal specifications of two tenants are kept once, and each reads its own object', async () => {
  const contents = new SharedContents();
  const memory = { ...newStorageMemory(), contents };
  const read: string[] = [];
  for (let tenant = 0; tenant < 2; tenant++) {
    const factory = await newTestStorageFactory({ memory });
    const storage = factory.storageFor(newResource());
    await createPod(storage, 'a/1', { labels: { tenant: String(tenant) }, nodeName: LONG });
    const [item] = (await storage.list({ prefix: '' })).items;
    read.push(text(item!));
    expect(item!.object()).toMatchObject({
      metadata: { labels: { tenant: String(tenant) } },
      spec: { nodeName: LONG },
    });
    await factory.close();
  }
  expect(read.map((bytes) => JSON.parse(bytes).metadata.labels.tenant)).toEqual(['0', '1']);
  expect(contents.size).toBe(1);
});
