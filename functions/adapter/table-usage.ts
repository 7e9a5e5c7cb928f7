/** What DynamoDB was asked, and what it billed for that, since the process began or some earlier moment. */
export interface TableUsage {
  readonly calls: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

const READS = new Set(['get', 'query']);

/** Counts calls by the purposes that the table names them by. */
export class TableUsageCounter implements TableUsage {
  calls = 0;
  readUnits = 0;
  writeUnits = 0;

  readonly add = (purpose: string, units: number): void => {
    this.calls++;
    if (READS.has(purpose)) this.readUnits += units;
    else this.writeUnits += units;
  };
}

/** A moment to count from. */
export function startUsage({ calls, readUnits, writeUnits }: TableUsage): TableUsage {
  return { calls, readUnits, writeUnits };
}

/** As metrics, what was added since `before`. */
export function usageSince(usage: TableUsage, before: TableUsage) {
  return {
    DynamoDBCalls: usage.calls - before.calls,
    ReadUnits: usage.readUnits - before.readUnits,
    WriteUnits: usage.writeUnits - before.writeUnits,
  };
}
