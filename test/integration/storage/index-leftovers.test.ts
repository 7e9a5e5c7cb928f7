/** A rebuilt index leaves no remains of the previous one, wherever a process dies during the rebuild. */

import { expect, test } from 'vitest';
import { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { DynamoDBTable } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { partsOf } from '../../../shared/storage/dynamodb/layout.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { itemsOf } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { SkewedClock } from '../../fixtures/skewed-clock.ts';
import { newTestTable } from '../../fixtures/storage.ts';
import { CONFIG } from '../../simulation/things.ts';

const HOUR = 3_600_000;
const OBJECTS = 3;

class Killed extends Error {}

/** The table as seen by a process that dies at its `last`-th write. */
function endingAfter(table: DynamoDBTable, last: number): { table: DynamoDBTable; hasEnded(): boolean } {
  let writes = 0;
  const write: DynamoDBTable['write'] = async (of) => {
    if (writes++ >= last) throw new Killed();
    await table.write(of);
  };
  const seen = new Proxy(table, {
    get: (target, name) =>
      name === 'write' ? write : (Reflect.get(target, name) as () => unknown).bind(target),
  });
  return { table: seen, hasEnded: () => writes > last };
}

test('remains of a process that dies at any step are removed by the next', async () => {
  const place = await newTestTable();
  const shared = new SDKDynamoDBTable(place);
  const clock = new SkewedClock();
  const storageOn = (table: DynamoDBTable) => new DynamoDBStorageFactory({ table, clock }).storageFor(CONFIG);
  const index = (table: DynamoDBTable) => storageOn(table).sparse!.index();
  const buckets = async () => {
    const keys: string[] = [];
    let generation: unknown;
    for await (const item of itemsOf(shared, partsOf(CONFIG.resourcePrefix))) {
      if (item.sk === 'index') generation = [item['g'], item['u']];
      else keys.push(item.sk);
    }
    return { generation, keys };
  };
  const write = (n: number) =>
    storageOn(shared).create(`a/${n}`, { metadata: { name: `a/${n}` }, token: `t${n % OBJECTS}` });
  await write(0);
  await index(shared);
  let step = 0;
  for (let ended = true; ended; step++) {
    // So long after it was started, no process resumes it.
    clock.advance(13 * HOUR);
    await write(step + 1);
    const dying = endingAfter(shared, step);
    await index(dying.table).catch((error: unknown) => {
      if (!dying.hasEnded()) throw error;
    });
    ended = dying.hasEnded();
    await index(shared);
    const { generation, keys } = await buckets();
    expect(generation).toEqual([expect.any(String), undefined]);
    expect(keys).toEqual([`index/${(generation as [string])[0]}/0`]);
    const found = await (await storageOn(shared).sparse!.having(['0', '1', '2'], 0))?.read();
    expect(found?.length).toBe(step + 2);
  }
  // A bucket, the marker, the previous bucket, the marker again.
  expect(step).toBe(5);
  shared.close();
});
