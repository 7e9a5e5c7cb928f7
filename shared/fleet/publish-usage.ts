/** Publishes tenants' usage in the status of their `ControlPlane` objects: see UsageRows. */

import { isNotFound } from '../meta/status-error.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import { type Condition, type DynamoDBTable, isTableError } from '../storage/dynamodb/dynamodb-table.ts';
import { itemsOf } from '../storage/dynamodb/tenant-table.ts';
import { CONTROL_PLANES, type StoredUsage } from './control-plane.ts';
import type { TenantDirectory, TenantEntry } from './tenant-directory.ts';
import { readStoredSize, removeStoredSize } from './tenant-ledger.ts';
import { rounded, type TenantUsage } from './tenant-usage.ts';
import { USAGE } from './usage-rows.ts';

/**
 * Updates the objects whose rows have changed since the last time, and removes rows of deleted tenants. `table`: the
 * fleet's. `resources`: of the management plane, called only if there is something to publish.
 */
export async function publishUsage(
  table: DynamoDBTable,
  resources: () => Promise<ResourceAccess>,
  directory: TenantDirectory,
): Promise<void> {
  for await (const item of itemsOf(table, USAGE)) {
    const { sk: id, rv, told } = item;
    const entry = await directory.findById(id);
    if (entry === undefined) {
      await removeStoredSize(table, id);
      await table.write({ delete: { pk: USAGE, sk: id } });
      continue;
    }
    if (told === rv) continue;
    const usage = rounded(JSON.parse(item['usage'] as string) as TenantUsage);
    const holding = await readStoredSize(table, id);
    const stored = holding && { objects: holding.objects, storageBytes: holding.bytes };
    await reportToObject(await resources(), entry, { ...usage, ...stored });
    try {
      const condition: Condition = { kind: 'revision', rv: rv as number };
      await table.write({ put: { ...item, told: rv as number }, condition });
    } catch (error) {
      // More usage was added meanwhile; it is published the next time.
      if (!isTableError(error, 'ConditionFailed')) throw error;
    }
  }
}

async function reportToObject(
  { client }: ResourceAccess,
  { owner }: TenantEntry,
  usage: TenantUsage & StoredUsage,
): Promise<void> {
  const [namespace = '', name = ''] = owner.split('/');
  try {
    await client.patch(CONTROL_PLANES, { status: { usage } }, { namespace, name, subresource: 'status' });
  } catch (error) {
    // The object is gone, and its directory row soon will be.
    if (!isNotFound(error)) throw error;
  }
}
