/** Calls to DynamoDB, and the units billed for them. */

import { AsyncLocalStorage } from 'node:async_hooks';

/** Totals since the process started, or since some other moment. Units are request units. */
export interface TableUsage {
  readonly calls: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

const READS = new Set(['get', 'query']);

/** Counts calls by purpose, as named by the table. */
export class TableUsageCounter implements TableUsage {
  readUnits = 0;
  writeUnits = 0;
  readonly #calls = new Map<string, number>();
  /** The counter of the current `during` call. */
  readonly #parts = new AsyncLocalStorage<TableUsageCounter>();

  get calls(): number {
    let sum = 0;
    for (const calls of this.#calls.values()) sum += calls;
    return sum;
  }

  /** Purpose -> calls. */
  get callsByPurpose(): ReadonlyMap<string, number> {
    return this.#calls;
  }

  /** A table's `onCapacity`. */
  readonly add = (purpose: string, units: number): void => {
    this.#count(purpose, units);
    this.#parts.getStore()?.add(purpose, units);
  };

  /** Runs `run`, and separately counts the calls of everything it calls and awaits. It costs time. */
  during<T>(run: () => T): { readonly result: T; readonly usage: TableUsage } {
    const usage = new TableUsageCounter();
    return { result: this.#parts.run(usage, run), usage };
  }

  #count(purpose: string, units: number): void {
    this.#calls.set(purpose, (this.#calls.get(purpose) ?? 0) + 1);
    if (READS.has(purpose)) this.readUnits += units;
    else this.writeUnits += units;
  }
}

/** A starting point to count from. */
export function startUsage({ calls, readUnits, writeUnits }: TableUsage): TableUsage {
  return { calls, readUnits, writeUnits };
}

/** The usage since `before`. */
export function usageSince(usage: TableUsage, before: TableUsage): TableUsage {
  return {
    calls: usage.calls - before.calls,
    readUnits: usage.readUnits - before.readUnits,
    writeUnits: usage.writeUnits - before.writeUnits,
  };
}
