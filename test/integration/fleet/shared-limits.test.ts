/** A tenant's limits apply to all processes that serve it together. */

import { expect, test } from 'vitest';
import { SharedLimits } from '../../../shared/fleet/shared-limits.ts';
import type { TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import { TenantTraffic } from '../../../shared/fleet/tenant-traffic.ts';
import { UsageMeter } from '../../../shared/fleet/tenant-usage.ts';
import { headerFields } from '../../../shared/request/api-request.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { admitted } from '../../fixtures/admitted.ts';
import { newTestTable } from '../../fixtures/storage.ts';

const id = 'acme.0a1b2c3d';

/** The state of one process: its connection, its limits, its watches. */
function newProcess(place: Awaited<ReturnType<typeof newTestTable>>, process: string) {
  const table = new SDKDynamoDBTable(place);
  const traffic = new TenantTraffic({
    usage: new UsageMeter(),
    shared: new SharedLimits({ table, process }),
  });
  const entry: TenantEntry = {
    ...{ name: 'acme', owner: 'default/acme', id, state: 'Active', table: place.tableName },
    ...{ arguments: [], adminARNs: [], endpoint: 'https://acme', limits: { watches: 3 } },
  };
  const held: AsyncIterator<Uint8Array>[] = [];
  return {
    /** The status of a watch, which is kept open. */
    async watch(): Promise<number> {
      const request = {
        ...{ method: 'GET', path: '/api/v1/pods', query: new URLSearchParams('watch=1') },
        ...{ headers: headerFields([]), body: new Uint8Array(), canStream: true },
        signal: new AbortController().signal,
      };
      const { status, body } = await traffic.run(
        entry,
        request,
        admitted(async () => ({
          status: 200,
          headers: {},
          body: (async function* () {
            yield Buffer.from('x');
          })(),
        })),
      );
      if (!(body instanceof Uint8Array)) {
        const iterator = body[Symbol.asyncIterator]();
        await iterator.next();
        held.push(iterator);
      }
      return status;
    },
    /** Ends the last watch; resolves when other processes may know. */
    end: async () => void (await held.pop()!.next()),
    close: () => table.close(),
  };
}

test('two processes together hold no more watches than the limit', async () => {
  const place = await newTestTable();
  const [one, other] = [newProcess(place, 'a'), newProcess(place, 'b')];
  const told: number[] = [];
  for (const { watch } of [one, other, one, other, one]) told.push(await watch());
  expect(told).toEqual([200, 200, 200, 429, 429]);
  await one.end();
  expect([await other.watch(), await one.watch()]).toEqual([200, 429]);
  await other.end();
  // There is room for one of two concurrent ones: at most one succeeds.
  const both = await Promise.all([one.watch(), other.watch()]);
  expect(both.filter((status) => status === 200).length).toBeLessThanOrEqual(1);
  one.close();
  other.close();
});

test('processes share the request limit by usage, each with a guaranteed part', async () => {
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
  // Within an interval nothing is exchanged.
  await other.exchangeIfDue(id, takes(5));
  await one.exchange(id, takes(9));
  expect(left()).toEqual([11, 6, 4]);
  now += 2_000;
  await other.exchangeIfDue(id, takes(5));
  await one.exchangeIfDue(id, takes(7));
  expect(left()).toEqual([7, 6, 4]);
  // Unless refreshed, shares of requests expire soon, those of watches later.
  await third.exchange(id, takes(3, 2));
  now += 11_000;
  await one.exchange(id, takes(7));
  expect([one.requestsPerSecond(id, 12), one.watchesOfOthers(id)]).toEqual([12, 2]);
  now += 150_000;
  await one.exchange(id, takes(7));
  expect(one.watchesOfOthers(id)).toBe(0);
  table.close();
});
