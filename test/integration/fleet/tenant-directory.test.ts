/** The hosts' caching of the directory. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CACHE_TTL_MS, TenantDirectory, type TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import { TableError } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { newTestTable } from '../../fixtures/storage.ts';

let table: SDKDynamoDBTable;
let now: number;
let isDown: boolean;
let reads: number;
let names = 0;

beforeAll(async () => {
  table = new SDKDynamoDBTable(await newTestTable());
});
afterAll(() => table.close());
beforeEach(() => {
  now = 1_000_000;
  isDown = false;
  reads = 0;
});

/** A new host with the test's clock. */
function newHost(): TenantDirectory {
  const unreliable = new Proxy(table, {
    get: (of, name) => {
      const value: unknown = Reflect.get(of, name);
      if (name !== 'get') return typeof value === 'function' ? value.bind(of) : value;
      return async (...asked: Parameters<SDKDynamoDBTable['get']>) => {
        reads++;
        if (isDown) throw new TableError('Throttled', 'its partition is too hot');
        return of.get(...asked);
      };
    },
  });
  return new TenantDirectory(unreliable, () => now);
}

const newEntry = (state: TenantEntry['state'] = 'Active', uid = '00000001'): TenantEntry => ({
  ...{ name: `acme-${names}`, owner: 'default/acme', id: `acme-${names}.${uid}`, state, table: 'fleet' },
  ...{ arguments: [], adminARNs: [], endpoint: 'https://acme' },
});

test('the directory is read again before a tenant is skipped', async () => {
  names++;
  const [writer, late] = [newHost(), newHost()];
  const entry = newEntry('Starting');
  const states = async () => [
    (await late.find(entry.name))?.state,
    (await late.findById(entry.id))?.state,
    (await late.findById(`${entry.name}.another`))?.state,
  ];
  expect(await states()).toEqual([undefined, undefined, undefined]);
  await writer.write(entry, undefined);
  expect(await states()).toEqual([undefined, 'Starting', undefined]);
  await writer.write({ ...entry, state: 'Active' }, await writer.read(entry.name));
  expect(await states()).toEqual([undefined, 'Active', undefined]);
  now += CACHE_TTL_MS;
  expect(await states()).toEqual(['Active', 'Active', undefined]);
  // Its name has been reused.
  const next = newEntry('Active', '00000002');
  await writer.write(next, await writer.read(entry.name));
  expect([(await late.find(entry.name))?.id, (await late.findById(next.id))?.id]).toEqual([
    entry.id,
    next.id,
  ]);
});

test('a host that missed a change learns of it within seconds, without more reads', async () => {
  names++;
  const [writer, late] = [newHost(), newHost()];
  const entry = newEntry();
  await writer.write(entry, undefined);
  const states = async () => (await late.find(entry.name))?.state;
  expect(await states()).toBe('Active');
  await writer.write({ ...entry, state: 'Deleting' }, await writer.read(entry.name));
  reads = 0;
  now += CACHE_TTL_MS - 1;
  expect([await states(), reads]).toEqual(['Active', 0]);
  now += 1;
  expect([await states(), await states(), reads]).toEqual(['Deleting', 'Deleting', 1]);
  await writer.remove((await writer.read(entry.name))!);
  now += CACHE_TTL_MS;
  expect(await late.find(entry.name)).toBeUndefined();
  // A new tenant of that name has other keys: writes of the late host do not affect it.
  await writer.write(newEntry('Active', '00000002'), undefined);
  now += CACHE_TTL_MS;
  expect((await late.find(entry.name))?.id).toBe(`${entry.name}.00000002`);
});

test('an unreadable directory keeps known tenants served, and no others', async () => {
  names++;
  const host = newHost();
  const entry = newEntry();
  await host.write(entry, undefined);
  await host.find(entry.name);
  isDown = true;
  for (let n = 0; n < 3; n++) {
    now += CACHE_TTL_MS;
    expect((await host.find(entry.name))?.id).toBe(entry.id);
  }
  await expect(host.find('unheard-of')).rejects.toMatchObject({ kind: 'Throttled' });
  isDown = false;
  now += CACHE_TTL_MS;
  expect((await host.find(entry.name))?.id).toBe(entry.id);
  expect(await host.find('unheard-of')).toBeUndefined();
});

test('of two concurrent claims of a name, one succeeds', async () => {
  names++;
  const [one, other] = [newEntry('Starting', '00000001'), newEntry('Starting', '00000002')];
  const written = await Promise.all([newHost().write(one, undefined), newHost().write(other, undefined)]);
  expect([...written].sort()).toEqual([false, true]);
  expect((await newHost().find(one.name))?.id).toBe((written[0] ? one : other).id);
});
