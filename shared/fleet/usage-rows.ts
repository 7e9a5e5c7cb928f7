/** Total usage of each tenant across all processes: one row each in the fleet's table. */

import { type Condition, type DynamoDBTable, isTableError } from '../storage/dynamodb/dynamodb-table.ts';
import { NO_USAGE, sumOf, type TenantUsage } from './tenant-usage.ts';

export const USAGE = '#usage';
const ATTEMPTS = 5;

export class UsageRows {
  readonly #table: DynamoDBTable;

  constructor(table: DynamoDBTable) {
    this.#table = table;
  }

  /** Creates the row, so that usage is published even before there is any. Rejects with `TableError`. */
  async begin(id: string): Promise<void> {
    try {
      const put = { pk: USAGE, sk: id, rv: 1, usage: JSON.stringify(NO_USAGE) };
      await this.#table.write({ put, condition: { kind: 'absent' } });
    } catch (error) {
      if (!isTableError(error, 'ConditionFailed')) throw error;
    }
  }

  /** Adds to the row. Rejects with `TableError`. */
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
}
