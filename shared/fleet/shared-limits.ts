/**
 * A tenant's limits where several processes serve it: each says now and then what it takes, in a row of the fleet's table,
 * and leaves the others what they take.
 */

import { type DynamoDBTable, isTableError } from '../storage/dynamodb/dynamodb-table.ts';
import { ttlSeconds } from '../storage/dynamodb/layout.ts';
import { itemsOf } from '../storage/dynamodb/tenant-table.ts';
import type { Demand } from './tenant-limits.ts';

export interface SharedLimitsOptions {
  /** The fleet's. */
  readonly table: DynamoDBTable;
  /** Names this process among those of the fleet. */
  readonly process: string;
  /** Milliseconds since the epoch; those of others may be seconds off. */
  readonly now?: (() => number) | undefined;
}

/** Milliseconds between two times that a process says what it takes of requests. */
const EXCHANGE_MS = 2_000;
/** Milliseconds after which what a process said of requests is over. */
const RATE_KEPT_MS = 10_000;
/** Watches are said anew so often, and those of a process that says nothing are over after some times. */
const RENEW_MS = 60_000;
const WATCHES_KEPT_MS = 2.5 * RENEW_MS;

const keyOf = (id: string): string => `#shares/${id}`;

interface Exchange {
  readonly at: number;
  readonly others: readonly Demand[];
}

export class SharedLimits {
  readonly #table: DynamoDBTable;
  readonly #process: string;
  readonly #now: () => number;
  /** The last of each tenant. */
  readonly #exchanges = new Map<string, Exchange>();
  /** One after the other, by tenant. */
  readonly #running = new Map<string, Promise<void>>();
  /** Of tenants whose watches are held here. */
  readonly #renewals = new Map<string, NodeJS.Timeout>();

  constructor({ table, process, now = Date.now }: SharedLimitsOptions) {
    this.#table = table;
    this.#process = process;
    this.#now = now;
  }

  /**
   * Requests a second that are this process's: what the others leave, and no less than an equal part among those that
   * take any.
   */
  requestsPerSecond(id: string, limit: number): number {
    const rates = this.#others(id).flatMap(({ requestsPerSecond: rate }) => (rate > 0 ? rate : []));
    const taken = rates.reduce((sum, rate) => sum + rate, 0);
    return Math.max(limit / (1 + rates.length), limit - taken);
  }

  /** Watches that other processes hold. */
  watchesOfOthers(id: string): number {
    return this.#others(id).reduce((sum, { watches }) => sum + watches, 0);
  }

  /** Says and hears, unless that was done a moment ago. Never rejects. */
  async keepUp(id: string, demand: () => Demand): Promise<void> {
    const last = this.#exchanges.get(id);
    if (last === undefined || this.#now() - last.at >= EXCHANGE_MS) await this.exchange(id, demand);
  }

  /** Says what is taken from now on, then hears what others have said until then. Never rejects. */
  exchange(id: string, demand: () => Demand): Promise<void> {
    const before = this.#running.get(id) ?? Promise.resolve();
    const exchange = before.then(() => this.#exchange(id, demand));
    this.#running.set(id, exchange);
    return exchange.finally(() => {
      if (this.#running.get(id) === exchange) this.#running.delete(id);
    });
  }

  /** What was heard last. */
  #others(id: string): readonly Demand[] {
    return this.#exchanges.get(id)?.others ?? [];
  }

  async #exchange(id: string, demand: () => Demand): Promise<void> {
    const now = this.#now();
    const { requestsPerSecond, watches } = demand();
    const row = { pk: keyOf(id), sk: this.#process };
    const said = { ...row, requestsPerSecond, watches, at: now, ttl: ttlSeconds(now + WATCHES_KEPT_MS) };
    this.#renew(id, demand, watches > 0);
    let { others }: Pick<Exchange, 'others'> = { others: this.#others(id) };
    try {
      await this.#table.write(requestsPerSecond + watches > 0 ? { put: said } : { delete: row });
      const heard: Demand[] = [];
      for await (const item of itemsOf(this.#table, keyOf(id))) {
        const { sk, at, ...one } = item as unknown as Demand & { readonly sk: string; readonly at: number };
        if (sk === this.#process) continue;
        const age = now - at;
        heard.push({
          requestsPerSecond: age < RATE_KEPT_MS ? one.requestsPerSecond : 0,
          watches: age < WATCHES_KEPT_MS ? one.watches : 0,
        });
      }
      others = heard;
    } catch (error) {
      // What was heard before goes on.
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
