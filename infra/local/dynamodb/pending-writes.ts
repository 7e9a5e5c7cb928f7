/** Acknowledged transactions that the emulator does not have yet, and their application in order. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../../shared/util/logger.ts';
import { batchOf, type JournaledWrites, partitionOf } from './journaled-writes.ts';
import type { JSONConnection } from './piped-connection.ts';

const RETRY_MS = 200;

export class PendingWrites {
  readonly #connection: JSONConnection;
  readonly #logger: Logger;
  readonly #pending: JournaledWrites[] = [];
  /** The number of pending transactions that write to each partition. */
  readonly #partitions = new Map<string, number>();
  /** Callers that wait until so many transactions are applied. */
  readonly #waiting: { readonly until: number; readonly resolve: () => void }[] = [];
  #items = 0;
  #added = 0;
  #applied = 0;
  #applying: Promise<void> | undefined;
  #isClosed = false;

  constructor(connection: JSONConnection, logger: Logger) {
    this.#connection = connection;
    this.#logger = logger;
  }

  /** The number of items of all pending transactions. */
  get items(): number {
    return this.#items;
  }

  /** Total number of transactions added. */
  get added(): number {
    return this.#added;
  }

  add(writes: JournaledWrites): void {
    this.#added++;
    this.#pending.push(writes);
    this.#items += writes.items.length;
    for (const partition of partitionsOf(writes)) count(this.#partitions, partition, 1);
  }

  /** Resolves when the transactions are applied that write to the partition and were added by now; undefined: none. */
  appliedTo(partition: string): Promise<void> | undefined {
    if (!this.#partitions.has(partition)) return undefined;
    const until = this.#added;
    const applied = new Promise<void>((resolve) => {
      this.#waiting.push({ until, resolve });
    });
    void this.applyAll();
    return applied;
  }

  /** Resolves when all are applied; retries until `close`. */
  applyAll(): Promise<void> {
    this.#applying ??= this.#apply().finally(() => {
      this.#applying = undefined;
    });
    return this.#applying;
  }

  close(): void {
    this.#isClosed = true;
  }

  async #apply(): Promise<void> {
    let isReported = false;
    while (this.#pending.length > 0 && !this.#isClosed) {
      const { items, count: length } = batchOf(this.#pending);
      try {
        await this.#connection.transactJSON(items);
      } catch (error) {
        if (!isReported)
          this.#logger.warning(`journaled writes wait for the emulator: ${(error as Error).message}`);
        isReported = true;
        await sleep(RETRY_MS);
        continue;
      }
      for (const applied of this.#pending.splice(0, length)) {
        this.#items -= applied.items.length;
        for (const partition of partitionsOf(applied)) count(this.#partitions, partition, -1);
      }
      this.#applied += length;
      // In the order of their calls, and so of `until`.
      while (this.#waiting.length > 0 && this.#waiting[0]!.until <= this.#applied) {
        this.#waiting.shift()!.resolve();
      }
    }
  }
}

function partitionsOf({ items }: JournaledWrites): Set<string> {
  return new Set(items.map(({ key }) => partitionOf(key)));
}

/** Adds to a count; one of zero is removed. */
export function count(counts: Map<string, number>, key: string, amount: number): void {
  const sum = (counts.get(key) ?? 0) + amount;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}
