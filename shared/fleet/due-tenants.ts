/**
 * Tenants with work due at a known time that no write will trigger, for hosts that don't run in between: one row per
 * tenant in the fleet's table. An idle fleet has no rows, so a poll costs one read for the whole fleet.
 */

import { type DynamoDBTable, isTableError } from '../storage/dynamodb/dynamodb-table.ts';
import { itemsOf } from '../storage/dynamodb/tenant-table.ts';

const DUE = '#due';

export interface DueTenant {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export class DueTenants {
  readonly #table: DynamoDBTable;

  constructor(table: DynamoDBTable) {
    this.#table = table;
  }

  /** Replaces the tenant's earlier row. */
  async put({ id, at }: DueTenant): Promise<void> {
    await this.#table.write({ put: { pk: DUE, sk: id, rv: at } });
  }

  /** Does nothing if the row was replaced meanwhile. */
  async remove({ id, at }: DueTenant): Promise<void> {
    try {
      await this.#table.write({ delete: { pk: DUE, sk: id }, condition: { kind: 'revision', rv: at } });
    } catch (error) {
      if (!isTableError(error, 'ConditionFailed')) throw error;
    }
  }

  async list(): Promise<DueTenant[]> {
    const due: DueTenant[] = [];
    for await (const { sk, rv } of itemsOf(this.#table, DUE)) due.push({ id: sk, at: rv as number });
    return due.sort((a, b) => a.at - b.at);
  }
}
