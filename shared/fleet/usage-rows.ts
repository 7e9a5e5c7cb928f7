/** What each tenant took so far, of all processes: a row each in the fleet's table, and the status of its object. */

import { isNotFound } from '../meta/status-error.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import { type Condition, type DynamoDBTable, isTableError } from '../storage/dynamodb/dynamodb-table.ts';
import { itemsOf } from '../storage/dynamodb/tenant-table.ts';
import { CONTROL_PLANES, type StoredUsage } from './control-plane.ts';
import type { TenantDirectory, TenantEntry } from './tenant-directory.ts';
import { readHolding, removeHolding } from './tenant-ledger.ts';
import { NO_USAGE, rounded, sumOf, type TenantUsage } from './tenant-usage.ts';

const USAGE = '#usage';
const ATTEMPTS = 5;

export class UsageRows {
  readonly #table: DynamoDBTable;

  constructor(table: DynamoDBTable) {
    this.#table = table;
  }

  /** Adds to what stands there. Rejects with `TableError`. */
  async add(id: string, usage: TenantUsage): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const row = await this.#table.get({ pk: USAGE, sk: id }, { consistent: true });
      const sum = sumOf(row === undefined ? NO_USAGE : JSON.parse(row['usage'] as string), usage);
      const rv = ((row?.['rv'] as number | undefined) ?? 0) + 1;
      const condition: Condition =
        row === undefined ? { kind: 'absent' } : { kind: 'revision', rv: row['rv'] as number };
      try {
        await this.#table.write({ put: { pk: USAGE, sk: id, rv, usage: JSON.stringify(sum) }, condition });
        return;
      } catch (error) {
        if (!isTableError(error, 'ConditionFailed') || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Tells the objects of what their rows say, where that has changed since the last time; rows of tenants that are gone
   * go too. `resources`: of the management plane, asked for when there is something to tell.
   */
  async publish(resources: () => Promise<ResourceAccess>, directory: TenantDirectory): Promise<void> {
    for await (const item of itemsOf(this.#table, USAGE)) {
      const { sk: id, rv, told } = item;
      const entry = await directory.find(id.slice(0, id.lastIndexOf('.')));
      if (entry?.id !== id) {
        await removeHolding(this.#table, id);
        await this.#table.write({ delete: { pk: USAGE, sk: id } });
        continue;
      }
      if (told === rv) continue;
      const usage = rounded(JSON.parse(item['usage'] as string) as TenantUsage);
      const holding = await readHolding(this.#table, id);
      const stored = holding && { objects: holding.objects, storageBytes: holding.bytes };
      await tellObject(await resources(), entry, { ...usage, ...stored });
      try {
        const condition: Condition = { kind: 'revision', rv: rv as number };
        await this.#table.write({ put: { ...item, told: rv as number }, condition });
      } catch (error) {
        // More has come meanwhile, which is told the next time.
        if (!isTableError(error, 'ConditionFailed')) throw error;
      }
    }
  }
}

async function tellObject(
  { client }: ResourceAccess,
  { owner }: TenantEntry,
  usage: TenantUsage & StoredUsage,
): Promise<void> {
  const [namespace = '', name = ''] = owner.split('/');
  try {
    await client.patch(CONTROL_PLANES, { status: { usage } }, { namespace, name, subresource: 'status' });
  } catch (error) {
    // It is about to be gone from the directory, too.
    if (!isNotFound(error)) throw error;
  }
}
