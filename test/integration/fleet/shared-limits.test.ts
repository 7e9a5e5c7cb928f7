/** A tenant's limits hold for all processes that serve it together. */

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SharedLimits } from '../../../shared/fleet/shared-limits.ts';
import type { TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { newTestTable } from '../../fixtures/storage.ts';
import { buildWorker, WorkerProcess } from '../../fixtures/worker-process.ts';

const id = 'acme.0a1b2c3d';

test('two processes hold no more watches than there may be', async () => {
  const place = await newTestTable();
  const entry: TenantEntry = {
    ...{ name: 'acme', owner: 'default/acme', id, state: 'Active', table: place.tableName },
    ...{ arguments: [], adminARNs: [], endpoint: 'https://acme', limits: { watches: 3 } },
  };
  const program = await buildWorker(join(import.meta.dirname, 'limits-worker.ts'));
  const [one, other] = ['a', 'b'].map((name) => new WorkerProcess(program, { ...place, name, entry })) as [
    WorkerProcess,
    WorkerProcess,
  ];
  await Promise.all([one.hear(), other.hear()]);
  const told: string[] = [];
  const tell = async (worker: WorkerProcess, what: string) => told.push(await worker.tell(what));
  await tell(one, 'watch');
  await tell(other, 'watch');
  await tell(one, 'watch');
  await tell(other, 'watch');
  await tell(one, 'watch');
  expect(told.splice(0)).toEqual(['200', '200', '200', '429', '429']);
  await tell(one, 'end');
  await tell(other, 'watch');
  await tell(one, 'watch');
  expect(told.splice(0)).toEqual(['ended', '200', '429']);
  await tell(other, 'end');
  // Of two that come at once there is room for one: never do both get in.
  await Promise.all([tell(one, 'watch'), tell(other, 'watch')]);
  expect(told.filter((status) => status === '200').length).toBeLessThanOrEqual(1);
  one.kill();
  other.kill();
});

test('processes leave each other what they take of requests, and an equal part at least', async () => {
  const place = await newTestTable();
  const table = new SDKDynamoDBTable(place);
  let now = 1_000_000;
  const [one, other, third] = ['a', 'b', 'c'].map(
    (process) => new SharedLimits({ table, process, now: () => now }),
  ) as [SharedLimits, SharedLimits, SharedLimits];
  const takes =
    (requestsPerSecond: number, watches = 0) =>
    () => ({ requestsPerSecond, watches });
  const left = () => [one, other, third].map((limits) => limits.requestsPerSecond(id, 12));
  expect(left()).toEqual([12, 12, 12]);
  await one.exchange(id, takes(9));
  await other.exchange(id, takes(1));
  await third.exchange(id, takes(0));
  await one.exchange(id, takes(9));
  expect(left()).toEqual([11, 6, 4]);
  // A moment later nothing is said or heard.
  await other.keepUp(id, takes(5));
  await one.exchange(id, takes(9));
  expect(left()).toEqual([11, 6, 4]);
  now += 2_000;
  await other.keepUp(id, takes(5));
  await one.keepUp(id, takes(7));
  expect(left()).toEqual([7, 6, 4]);
  // What was said of requests is soon over, of watches later, when nobody says it anew.
  await third.exchange(id, takes(3, 2));
  now += 11_000;
  await one.exchange(id, takes(7));
  expect([one.requestsPerSecond(id, 12), one.watchesOfOthers(id)]).toEqual([12, 2]);
  now += 150_000;
  await one.exchange(id, takes(7));
  expect(one.watchesOfOthers(id)).toBe(0);
  table.close();
});
