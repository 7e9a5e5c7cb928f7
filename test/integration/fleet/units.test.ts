/** What the life of a tenant takes of DynamoDB, which `zeroplane cost` counts with. */

import { expect, test } from 'vitest';
import { createTenantPlane } from '../../../functions/adapter/tenant-plane.ts';
import { BIRTH, PURGE } from '../../../infra/cli/cost.ts';
import { bindAdmins } from '../../../shared/fleet/bind-admins.ts';
import { TenantLedger } from '../../../shared/fleet/tenant-ledger.ts';
import { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { purgeTenant, TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { ExtendedNonceCipher } from '../../../shared/storage/encryption/aes-gcm.ts';
import { publicAddresses } from '../../../shared/util/address-guard.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { testDynamoDBEndpoint } from '../../fixtures/storage.ts';

/** Batches form as they may, and who takes longer reads again what may have changed. */
const TOLERANCES = { least: 0.85, mostWrites: 1.15, mostReads: 1.5 };

test('a tenant is made and ended for the units that are counted with', async () => {
  const READS = new Set(['get', 'query']);
  const units = { read: 0, write: 0 };
  const tableName = `units-${process.pid}`;
  const shared = new SDKDynamoDBTable({
    endpoint: await testDynamoDBEndpoint(),
    tableName,
    onCapacity: (operation, consumed) => {
      units[READS.has(operation) ? 'read' : 'write'] += consumed;
    },
  });
  await shared.create();
  const failures: unknown[] = [];
  const name = 'acme';
  const id = `${name}.0a1b2c3d`;
  const table = new TenantTable(shared, id);
  const logger = newLogger(({ message }) => failures.push(message));
  const ledger = new TenantLedger({
    ...{ table: shared, tenant: { id, name }, limits: async () => undefined, isLazy: false, logger },
  });
  const storage = new DynamoDBStorageFactory({ table, ledger });
  const { plane } = await createTenantPlane(
    {
      ...{ name, id, table: tableName, owner: `default/${name}`, state: 'Active' },
      ...{ arguments: [], adminARNs: [], endpoint: `https://127.0.0.1/tenants/${name}` },
    },
    {
      ...{ table, storage, controllers: 'whenAsked', frozenBetweenRequests: true },
      cipher: new ExtendedNonceCipher(new Uint8Array(32)),
      addresses: publicAddresses(),
      logger,
    },
  );
  await plane.start();
  await bindAdmins(plane.resources, [{ user: 'ada' }]);
  expect(await plane.reconcile({ patienceMs: 1_000 })).toEqual([]);
  await plane.close();
  await storage.close();
  await ledger.flush();
  const born = { ...units };
  await purgeTenant(table);
  shared.close();
  const { least, mostReads, mostWrites } = TOLERANCES;
  expect(failures).toEqual([]);
  expect(
    Object.entries({
      birthWrites: [born.write / BIRTH.write, mostWrites],
      birthReads: [born.read / BIRTH.read, mostReads],
      purgeWrites: [(units.write - born.write) / PURGE.write, mostWrites],
      purgeReads: [(units.read - born.read) / PURGE.read, mostReads],
    }).filter(([, [actual, most]]) => !(least <= actual! && actual! <= most!)),
  ).toEqual([]);
});
