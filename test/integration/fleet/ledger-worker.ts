/** One of several processes of a tenant that creates objects until it may not. Run by tenant-ledger.test.ts. */

import { once } from 'node:events';
import { TenantLedger } from '../../../shared/fleet/tenant-ledger.ts';
import type { TenantLimits } from '../../../shared/fleet/tenant-limits.ts';
import { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { isStorageError } from '../../../shared/storage/errors.ts';
import { CONFIG } from '../../simulation/things.ts';

export interface LedgerOrders {
  readonly endpoint: string;
  readonly tableName: string;
  readonly tenant: { readonly id: string; readonly name: string };
  readonly limits: TenantLimits;
  readonly name: string;
}

/** What it made, and why no more. */
export interface LedgerReport {
  readonly created: number;
  readonly error: string;
}

const { endpoint, tableName, tenant, limits, name } = JSON.parse(process.argv[2]!) as LedgerOrders;
const table = new SDKDynamoDBTable({ endpoint, tableName });
const ledger = new TenantLedger({
  table,
  tenant,
  limits: async () => limits,
  isLazy: false,
  logger: console,
});
const storage = new DynamoDBStorageFactory({ table: new TenantTable(table, tenant.id), ledger }).storageFor(
  CONFIG,
);

for (let n = 0; ; ) {
  let created = 0;
  let error = '';
  while (error === '') {
    const key = `${name}/${++n}`;
    try {
      await storage.create(key, { metadata: { name: key }, token: `t${n}` });
      created++;
    } catch (caught) {
      error = isStorageError(caught, 'QuotaExceeded') ? caught.message : String(caught);
    }
  }
  console.log(JSON.stringify({ created, error } satisfies LedgerReport));
  await once(process.stdin, 'data');
}
