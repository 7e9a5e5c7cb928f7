/** What DynamoDB was asked, and what it billed for that. */

import { AsyncLocalStorage } from 'node:async_hooks';

/** Since the process began, or some other moment. Units are request units. */
export interface TableUsage {
  readonly calls: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

const READS = new Set(['get', 'query']);

/** Counts calls by the purposes that the table names them by. */
export class TableUsageCounter implements TableUsage {
  readUnits = 0;
  writeUnits = 0;
  readonly #calls = new Map<string, number>();
  /** Those that count what is asked on behalf of something that runs. */
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

  /** Runs `run`, and counts apart what is asked by whatever it calls and awaits. It costs time. */
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

/** A moment to count from. */
export function startUsage({ calls, readUnits, writeUnits }: TableUsage): TableUsage {
  return { calls, readUnits, writeUnits };
}

/** What was added since `before`. */
export function usageSince(usage: TableUsage, before: TableUsage): TableUsage {
  return {
    calls: usage.calls - before.calls,
    readUnits: usage.readUnits - before.readUnits,
    writeUnits: usage.writeUnits - before.writeUnits,
  };
}
