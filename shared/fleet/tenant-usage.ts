/** A tenant's usage in one process: reported periodically, and summed in the fleet's table. */

import type { RequestRecord } from '../request/request-record.ts';

/** Totals over some period. */
export interface TenantUsage {
  readonly requests: number;
  /** Responses with a status of 500 and above. */
  readonly serverErrors: number;
  /** Refused by the tenant's limits. */
  readonly refused: number;
  readonly watchSeconds: number;
  /** Total duration of requests, without watches. */
  readonly milliseconds: number;
  /** Of response bodies. */
  readonly bytes: number;
  /** DynamoDB request units. */
  readonly readUnits: number;
  readonly writeUnits: number;
}

export const NO_USAGE: TenantUsage = {
  requests: 0,
  serverErrors: 0,
  refused: 0,
  watchSeconds: 0,
  milliseconds: 0,
  bytes: 0,
  readUnits: 0,
  writeUnits: 0,
};

export function sumOf(a: TenantUsage, b: TenantUsage): TenantUsage {
  const names = Object.keys(NO_USAGE) as (keyof TenantUsage)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as unknown as TenantUsage;
}

/** Rounded to whole numbers, since fractions don't matter to readers. */
export function rounded(usage: TenantUsage): TenantUsage {
  const entries = Object.entries(usage).map(([name, value]) => [name, Math.round(value)]);
  return Object.fromEntries(entries) as unknown as TenantUsage;
}

const READS: ReadonlySet<string> = new Set(['get', 'query']);

/** Usage of each tenant, by id, since the last report. */
export class UsageMeter {
  readonly #usages = new Map<string, { -readonly [K in keyof TenantUsage]: number }>();

  ended(id: string, { status, milliseconds, bytes, isLongRunning }: RequestRecord): void {
    const usage = this.#of(id);
    usage.requests++;
    usage.bytes += bytes;
    if (status >= 500) usage.serverErrors++;
    if (isLongRunning) usage.watchSeconds += milliseconds / 1000;
    else usage.milliseconds += milliseconds;
  }

  /** The request is also counted when its end is reported. */
  refused(id: string): void {
    this.#of(id).refused++;
  }

  /** `purpose`: the table's name for the kind of call. */
  capacity(id: string, purpose: string, units: number): void {
    this.#of(id)[READS.has(purpose) ? 'readUnits' : 'writeUnits'] += units;
  }

  /** Returns the usage since the last call, and starts over. Tenants without usage are left out. */
  take(): ReadonlyMap<string, TenantUsage> {
    const taken = new Map(this.#usages);
    this.#usages.clear();
    return taken;
  }

  #of(id: string) {
    let usage = this.#usages.get(id);
    if (usage === undefined) {
      usage = { ...NO_USAGE };
      this.#usages.set(id, usage);
    }
    return usage;
  }
}
