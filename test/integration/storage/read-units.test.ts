/** The read units of a read depend on its result only, not on other data. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StorageTuning } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import type { Storage, StorageConfig } from '../../../shared/storage/storage.ts';
import { newResource, type Pod, pod } from '../../conformance/storage/harness.ts';
import { newTestTable } from '../../fixtures/storage.ts';

const OBJECTS = 300;
/** Four objects per read unit. */
const LABELS = { filling: 'x'.repeat(700) };
const PAGE = 40;
const PAGE_UNITS = PAGE / 4;
/** The head and the end of the log, when it is opened and when it is polled. */
const LOG_UNITS = 4;
/** Entries not yet published by writers, of at most two kilobytes. */
const UNPUBLISHED_UNITS = 128 / 2;

interface Process {
  readonly storage: Storage<Pod>;
  /** Calls and read units since the last call. */
  spent(): { readonly calls: number; readonly units: number };
}

const factories: SDKStorageFactory[] = [];
let table: { endpoint: string; tableName: string };

function newProcess(config: StorageConfig<Pod>, tuning: StorageTuning = {}): Process {
  let calls = 0;
  let units = 0;
  const onCapacity = (operation: string, consumed: number) => {
    calls++;
    if (operation === 'get' || operation === 'query') units += consumed;
  };
  const factory = new SDKStorageFactory({ ...table, ...tuning, onCapacity });
  factories.push(factory);
  return {
    storage: factory.storageFor(config),
    spent() {
      const spent = { calls, units };
      calls = 0;
      units = 0;
      return spent;
    },
  };
}

const keyOf = (n: number) => `${n % 2 === 0 ? 'a' : 'b'}/pod-${String(n).padStart(5, '0')}`;
const create = (storage: Storage<Pod>, n: number) =>
  storage.create(keyOf(n), pod(keyOf(n), { labels: LABELS }));

let byOne: StorageConfig<Pod>;
let byThree: StorageConfig<Pod>;
beforeAll(async () => {
  table = await newTestTable();
  [byOne, byThree] = await Promise.all([filled(1), filled(3)]);
});
afterAll(() => Promise.all(factories.map((factory) => factory.close())));

/** Recently written, in equal shares, by processes that read nothing meanwhile. */
async function filled(writers: number): Promise<StorageConfig<Pod>> {
  const config = newResource();
  const processes = Array.from({ length: writers }, () => newProcess(config));
  for (let at = 0; at < OBJECTS; at += 60) {
    const some = Array.from({ length: 60 }, (_, n) => at + n);
    await Promise.all(some.map((n) => create(processes[n % writers]!.storage, n)));
  }
  return config;
}

test.each([1, 3])(
  'a page read by a new process reads only that page, right after a bulk write of %i',
  async (writers) => {
    const config = writers === 1 ? byOne : byThree;
    const { storage, spent } = newProcess(config);
    const first = await storage.list({ prefix: '', limit: PAGE });
    expect(first.items).toHaveLength(PAGE);
    // Interleaved writes of several processes become certainly visible only seconds later.
    if (writers === 1) expect(spent().units).toBeLessThan(PAGE_UNITS + LOG_UNITS + UNPUBLISHED_UNITS);
    spent();

    const second = await storage.list({ prefix: '', limit: PAGE, continue: first.continue });
    expect([second.items[0]!.key, second.resourceVersion]).toEqual([keyOf(PAGE * 2), first.resourceVersion]);
    const { units, calls } = spent();
    expect(units).toBeLessThan(PAGE_UNITS + LOG_UNITS);
    expect(calls).toBeLessThan(4);
  },
);

test("repeated small reads don't load the whole resource", async () => {
  const { storage, spent } = newProcess(byOne);
  await storage.list({ prefix: 'b/', limit: 1 });
  spent();
  for (let n = 0; n < 20; n++) await storage.list({ prefix: 'b/', limit: 1 });
  for (let n = 0; n < 30; n++) await storage.get(keyOf(1), { maxStalenessMs: 500 });
  // 20 pages and ends of the log, 30 objects, and two attempts to read everything, each costing less than it could have
  // saved.
  expect(spent().units).toBeLessThan(2 * 20 + 30 + 32 + 4 * 30 + 5);
});

test('a resource read completely by a page is in memory', async () => {
  const config = newResource();
  const writer = newProcess(config);
  for (let n = 0; n < 3; n++) await create(writer.storage, n);
  const { storage, spent } = newProcess(config);
  await storage.list({ prefix: '', limit: 500 });
  spent();
  const again = await storage.list({ prefix: '', limit: 2 });
  expect([again.items.length, again.remainingItemCount, spent()]).toEqual([2, 1, { calls: 1, units: 1 }]);
});

test.each<[string, (storage: Storage<Pod>) => Promise<{ readonly items: readonly unknown[] }>]>([
  ['list', (storage) => storage.list({ prefix: '' })],
  ['snapshot', (storage) => storage.snapshot(0)],
])('a resource that does not fit into memory is read once: %s', async (_, read) => {
  const unbounded = newProcess(byOne);
  await read(unbounded.storage);
  const once = unbounded.spent().units;
  const { storage, spent } = newProcess(byOne, { memoryBytes: 100_000 });
  for (let time = 0; time < 2; time++) {
    expect((await read(storage)).items).toHaveLength(OBJECTS);
    expect(spent().units).toBeLessThan(once * 1.3);
  }
});
