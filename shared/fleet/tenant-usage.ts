/** What a tenant took of one process: told now and then, and added up in the fleet's table. */

import type { RequestRecord } from '../request/request-record.ts';

/** Since some moment. */
export interface TenantUsage {
  readonly requests: number;
  /** Answers of 500 and more. */
  readonly serverErrors: number;
  /** Refused by the tenant's limits. */
  readonly refused: number;
  readonly watchSeconds: number;
  /** Milliseconds that requests took, watches left out. */
  readonly milliseconds: number;
  /** Of answers. */
  readonly bytes: number;
  /** Of DynamoDB. */
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

/** Fractions are of no use to those who read it. */
export function rounded(usage: TenantUsage): TenantUsage {
  const entries = Object.entries(usage).map(([name, value]) => [name, Math.round(value)]);
  return Object.fromEntries(entries) as unknown as TenantUsage;
}

const READS: ReadonlySet<string> = new Set(['get', 'query']);

/** Of each tenant, by id, since it was last told. */
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

  /** One of those whose end is told. */
  refused(id: string): void {
    this.#of(id).refused++;
  }

  /** `purpose`: as the table names its calls. */
  capacity(id: string, purpose: string, units: number): void {
    this.#of(id)[READS.has(purpose) ? 'readUnits' : 'writeUnits'] += units;
  }

  /** What each tenant took since the last time, and begins anew. Tenants that took nothing are not among them. */
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
