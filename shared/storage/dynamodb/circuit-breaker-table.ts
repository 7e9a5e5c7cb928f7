/**
 * Circuit breaker for throttled partitions: after a period in which a partition refused every call, new operations on
 * it fail at once, and an occasional call probes for recovery. Otherwise each request would wait out its retries, and
 * hosts billed by duration would pay most when least is done.
 */

import type { Clock } from '../../util/clock.ts';
import { StorageError } from '../errors.ts';
import {
  type Allocation,
  type DynamoDBTable,
  type Item,
  type ItemKey,
  isTableError,
  type Page,
  type Query,
  type TableErrorKind,
  type TransactedWrite,
  type TransactOptions,
  type Write,
} from './dynamodb-table.ts';

/** Milliseconds of nothing but refusals after which the circuit opens. */
const OPEN_AFTER_MS = 1_000;
/** Minimum number of refusals: a single slow one is no evidence. */
const LEAST_REFUSALS = 3;
/** Milliseconds between two probes of an open partition. */
const PROBE_INTERVAL_MS = 1_000;
const RETRY_AFTER_SECONDS = 1;

const REFUSALS: readonly TableErrorKind[] = ['Throttled', 'Ambiguous', 'Unreachable'];

interface Refusals {
  /** Error of the last call. */
  kind: TableErrorKind;
  /** Monotonic milliseconds. */
  readonly since: number;
  count: number;
  probedAt: number;
}

/** Only calls that begin an operation are refused: operations in flight must reach a known end. */
export class CircuitBreakerTable implements DynamoDBTable {
  readonly #table: DynamoDBTable;
  readonly #clock: Clock;
  readonly #refusals = new Map<string, Refusals>();

  constructor(table: DynamoDBTable, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  get(key: ItemKey, options: { readonly consistent: boolean }): Promise<Item | undefined> {
    return this.#begin(key.pk, () => this.#table.get(key, options));
  }

  query(query: Query): Promise<Page> {
    return this.#begin(query.pk, () => this.#table.query(query));
  }

  allocate(allocation: Allocation): Promise<Item> {
    return this.#begin(allocation.pk, () => this.#table.allocate(allocation));
  }

  write(write: Write): Promise<void> {
    return this.#table.write(write);
  }

  raiseResolved(
    head: ItemKey,
    to: { readonly resolved: number; readonly resolvedAt: number },
  ): Promise<void> {
    return this.#table.raiseResolved(head, to);
  }

  transact(writes: readonly TransactedWrite[], options: TransactOptions): Promise<void> {
    return this.#table.transact(writes, options);
  }

  create(): Promise<void> {
    return this.#table.create();
  }

  close(): void {
    this.#table.close();
  }

  async #begin<R>(pk: string, call: () => Promise<R>): Promise<R> {
    this.#rejectIfOpen(pk);
    try {
      const answer = await call();
      this.#refusals.delete(pk);
      return answer;
    } catch (error) {
      if (isTableError(error, ...REFUSALS)) this.#refused(pk, error.kind);
      else this.#refusals.delete(pk);
      throw error;
    }
  }

  #rejectIfOpen(pk: string): void {
    const refusals = this.#refusals.get(pk);
    if (refusals === undefined || refusals.count < LEAST_REFUSALS) return;
    const now = this.#clock.monotonic();
    if (now - refusals.since < OPEN_AFTER_MS) return;
    if (now - refusals.probedAt < PROBE_INTERVAL_MS) {
      const code = refusals.kind === 'Throttled' ? 'Throttled' : 'Timeout';
      throw new StorageError(code, `partition ${pk} accepts no requests at the moment`, {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    refusals.probedAt = now;
  }

  #refused(pk: string, kind: TableErrorKind): void {
    const now = this.#clock.monotonic();
    const refusals = this.#refusals.get(pk);
    if (refusals === undefined) this.#refusals.set(pk, { kind, since: now, count: 1, probedAt: now });
    else {
      refusals.kind = kind;
      refusals.count++;
      refusals.probedAt = now;
    }
  }
}
