/** A tenant's stored data is counted incrementally and limited, regardless of the number of writing processes. */

import { expect, test } from 'vitest';
import { readStoredSize, TenantLedger } from '../../../shared/fleet/tenant-ledger.ts';
import type { TenantLimits } from '../../../shared/fleet/tenant-limits.ts';
import { interpretStorageError } from '../../../shared/rest/storage-errors.ts';
import { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { StorageError } from '../../../shared/storage/errors.ts';
import type { StoredSize } from '../../../shared/storage/storage-ledger.ts';
import { newTestTable } from '../../fixtures/storage.ts';
import { CONFIG, type Thing } from '../../simulation/things.ts';

const tenant = { id: 'acme.0a1b2c3d', name: 'acme' };
const thing = (name: string, token = 't1'): Thing => ({ metadata: { name }, token });

type Tenant = Awaited<ReturnType<typeof newTenant>>;

async function newTenant(limits: TenantLimits = {}) {
  const table = new SDKDynamoDBTable(await newTestTable());
  const newProcess = () => {
    const ledger = new TenantLedger({
      ...{ table, tenant, limits: async () => limits, isLazy: false, logger: console },
    });
    const factory = new DynamoDBStorageFactory({ table: new TenantTable(table, tenant.id), ledger });
    return { ledger, storage: factory.storageFor(CONFIG) };
  };
  /** The actual contents, by a full read. */
  const stored = async (): Promise<StoredSize> => {
    const { items } = await newProcess().storage.list({ prefix: '' });
    return { objects: items.length, bytes: items.reduce((sum, { bytes }) => sum + bytes.length, 0) };
  };
  return { table, newProcess, stored, counted: () => readStoredSize(table, tenant.id) };
}

/** Creates objects until rejected; returns their number and the error. */
async function fill({ storage }: ReturnType<Tenant['newProcess']>, prefix: string) {
  for (let created = 0; ; created++) {
    const key = `${prefix}/${created}`;
    try {
      await storage.create(key, thing(key));
    } catch (error) {
      return { created, error: (error as Error).message };
    }
  }
}

test('two processes create no more objects than the limit, and as many again as are deleted', async () => {
  const { newProcess, stored, counted } = await newTenant({ objects: 20 });
  const processes = [newProcess(), newProcess()];
  const fillAll = (round: string) =>
    Promise.all(processes.map((process, at) => fill(process, `${round}${at}`)));
  const first = await fillAll('first');
  const { objects } = await stored();
  // Concurrent writes may exceed the limit by one.
  expect([20, 21]).toContain(objects);
  expect(first.map(({ created }) => created).reduce((a, b) => a + b)).toBe(objects);
  for (const { error } of first) {
    expect(error).toMatch(
      /^exceeded quota: acme, requested: objects=1, used: objects=2[01], limited: objects=20$/,
    );
  }
  expect(await counted()).toEqual(await stored());
  const { storage } = newProcess();
  const { items } = await storage.list({ prefix: '', limit: objects - 15 });
  for (const { key } of items) await storage.delete(key);
  const again = await fillAll('again');
  expect([5, 6]).toContain(again.map(({ created }) => created).reduce((a, b) => a + b));
  expect(await counted()).toEqual(await stored());
});

test('a rejection is a quota error', () => {
  const error = new StorageError('QuotaExceeded', 'exceeded quota: acme, requested: objects=1');
  const operation = { verb: 'create', resource: { group: '', resource: 'configmaps' }, name: 'a' } as const;
  expect(interpretStorageError(error, operation)).toMatchObject({
    status: {
      ...{ code: 403, reason: 'Forbidden', details: { name: 'a', kind: 'configmaps' } },
      message: 'configmaps "a" is forbidden: exceeded quota: acme, requested: objects=1',
    },
  });
});

test('every kind of write is counted', async () => {
  const { newProcess, stored, counted } = await newTenant();
  const { ledger, storage } = newProcess();
  await storage.create('a/1', thing('a/1'));
  await Promise.all(['b/1', 'b/2', 'b/3'].map((key) => storage.create(key, thing(key))));
  await expect(storage.create('a/1', thing('a/1'))).rejects.toMatchObject({ code: 'KeyExists' });
  await storage.guaranteedUpdate('a/1', {
    tryUpdate: async () => ({ object: thing('a/1', 't'.repeat(500)) }),
  });
  await storage.guaranteedUpdate('a/2', {
    ignoreNotFound: true,
    tryUpdate: async () => ({ object: thing('a/2') }),
  });
  await newProcess().storage.delete('b/2');
  await ledger.flush();
  expect(await counted()).toEqual(await stored());
  expect((await stored()).objects).toBe(4);
});

test('bytes are limited; shrinking writes and leases are admitted', async () => {
  const limits = { storageBytes: 1_000 };
  const { newProcess, table } = await newTenant(limits);
  const { ledger, storage } = newProcess();
  await storage.create('a/1', thing('a/1', 't'.repeat(800)));
  await expect(storage.create('a/2', thing('a/2', 't'.repeat(300)))).rejects.toMatchObject({
    code: 'QuotaExceeded',
    message: expect.stringMatching(
      /^exceeded quota: acme, requested: bytes=\d+, used: bytes=\d+, limited: bytes=1000$/,
    ),
  });
  const update = (length: number) =>
    storage.guaranteedUpdate('a/1', {
      tryUpdate: async () => ({ object: thing('a/1', 't'.repeat(length)) }),
    });
  await expect(update(1_000)).rejects.toMatchObject({ code: 'QuotaExceeded' });
  await update(700);
  const leases = new DynamoDBStorageFactory({ table: new TenantTable(table, tenant.id), ledger }).storageFor({
    ...CONFIG,
    resourcePrefix: '/registry/coordination.k8s.io/leases',
  });
  await leases.create('a/l', thing('a/l', 't'));
  await leases.guaranteedUpdate('a/l', {
    tryUpdate: async () => ({ object: thing('a/l', 't'.repeat(400)) }),
  });
});
