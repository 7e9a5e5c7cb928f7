/**
 * Enforces a tenant's limits across several processes: each process periodically records its demand in a row of the
 * fleet's table, and leaves room for that of the others.
 */

import { type DynamoDBTable, isTableError } from '../storage/dynamodb/dynamodb-table.ts';
import { ttlSeconds } from '../storage/dynamodb/layout.ts';
import { itemsOf } from '../storage/dynamodb/tenant-table.ts';
import type { Demand } from './tenant-limits.ts';

export interface SharedLimitsOptions {
  /** The fleet's table. */
  readonly table: DynamoDBTable;
  /** Name of this process, unique in the fleet. */
  readonly process: string;
  /** Milliseconds since the epoch; other processes' clocks may differ by seconds. */
  readonly now?: (() => number) | undefined;
}

/** Milliseconds between two reports of this process's request rate. */
const EXCHANGE_MS = 2_000;
/** Milliseconds for which a reported request rate is valid. */
const RATE_TTL_MS = 10_000;
/** Interval at which watches are reported again; a process's report expires after two and a half intervals. */
const RENEW_MS = 60_000;
const WATCHES_TTL_MS = 2.5 * RENEW_MS;

const keyOf = (id: string): string => `#shares/${id}`;

interface Exchange {
  readonly at: number;
  readonly others: readonly Demand[];
}

export class SharedLimits {
  readonly #table: DynamoDBTable;
  readonly #process: string;
  readonly #now: () => number;
  /** The last exchange of each tenant. */
  readonly #exchanges = new Map<string, Exchange>();
  /** Exchanges in flight by tenant; those of one tenant run one after the other. */
  readonly #running = new Map<string, Promise<void>>();
  /** Timers of tenants whose watches are held here. */
  readonly #renewals = new Map<string, NodeJS.Timeout>();

  constructor({ table, process, now = Date.now }: SharedLimitsOptions) {
    this.#table = table;
    this.#process = process;
    this.#now = now;
  }

  /**
   * This process's share of the limit in requests a second: the rest left by the others, but at least an equal share
   * among the processes with demand.
   */
  requestsPerSecond(id: string, limit: number): number {
    const rates = this.#others(id).flatMap(({ requestsPerSecond: rate }) => (rate > 0 ? rate : []));
    const taken = rates.reduce((sum, rate) => sum + rate, 0);
    return Math.max(limit / (1 + rates.length), limit - taken);
  }

  /** Number of watches held by other processes. */
  watchesOfOthers(id: string): number {
    return this.#others(id).reduce((sum, { watches }) => sum + watches, 0);
  }

  /** Exchanges demand with the other processes, unless that happened a moment ago. Never rejects. */
  async exchangeIfDue(id: string, demand: () => Demand): Promise<void> {
    const last = this.#exchanges.get(id);
    if (last === undefined || this.#now() - last.at >= EXCHANGE_MS) await this.exchange(id, demand);
  }

  /** Reports this process's demand, then reads that of the others. Never rejects. */
  exchange(id: string, demand: () => Demand): Promise<void> {
    const before = this.#running.get(id) ?? Promise.resolve();
    const exchange = before.then(() => this.#exchange(id, demand));
    this.#running.set(id, exchange);
    return exchange.finally(() => {
      if (this.#running.get(id) === exchange) this.#running.delete(id);
    });
  }

  /** Demand of the other processes as of the last exchange. */
  #others(id: string): readonly Demand[] {
    return this.#exchanges.get(id)?.others ?? [];
  }

  async #exchange(id: string, demand: () => Demand): Promise<void> {
    const now = this.#now();
    const { requestsPerSecond, watches } = demand();
    const row = { pk: keyOf(id), sk: this.#process };
    const report = { ...row, requestsPerSecond, watches, at: now, ttl: ttlSeconds(now + WATCHES_TTL_MS) };
    this.#renew(id, demand, watches > 0);
    let { others }: Pick<Exchange, 'others'> = { others: this.#others(id) };
    try {
      await this.#table.write(requestsPerSecond + watches > 0 ? { put: report } : { delete: row });
      const demands: Demand[] = [];
      for await (const item of itemsOf(this.#table, keyOf(id))) {
        const { sk, at, ...one } = item as unknown as Demand & { readonly sk: string; readonly at: number };
        if (sk === this.#process) continue;
        const age = now - at;
        demands.push({
          requestsPerSecond: age < RATE_TTL_MS ? one.requestsPerSecond : 0,
          watches: age < WATCHES_TTL_MS ? one.watches : 0,
        });
      }
      others = demands;
    } catch (error) {
      // The earlier values stay in use.
      if (!isTableError(error)) throw error;
    }
    this.#exchanges.set(id, { at: now, others });
  }

  #renew(id: string, demand: () => Demand, isHeld: boolean): void {
    clearTimeout(this.#renewals.get(id));
    this.#renewals.delete(id);
    if (!isHeld) return;
    const timer = setTimeout(() => void this.exchange(id, demand), RENEW_MS);
    timer.unref();
    this.#renewals.set(id, timer);
  }
}
