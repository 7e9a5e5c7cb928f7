/**
 * A connection of the only writer of an emulator's tables. It acknowledges a transaction whose conditions are proven
 * as soon as the journal has it, and applies it afterwards, many in one call: appending to a file takes a tenth of the
 * time that the emulator takes. Whatever else is sent sees every acknowledged transaction:
 *
 * - A read waits until those that write to its partition are applied.
 * - Any other write waits until the journal is empty if the journal has a transaction with one of its items, even if
 *   that has been applied: after a crash, applying it again would undo the later write.
 *
 * Opening the journal after a crash applies its transactions again, in order and before anything else.
 */

import type { AttributeValues } from '../../../shared/storage/dynamodb/attributes.ts';
import { callFailure } from '../../../shared/storage/dynamodb/call-failure.ts';
import type {
  Answer,
  CallFailure,
  Connection,
  Operation,
  SendOptions,
  Sequence,
} from '../../../shared/storage/dynamodb/connection.ts';
import { BROKEN } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import { consumedCapacity } from './consumed-capacity.ts';
import type { Journal } from './journal.ts';
import {
  batchOf,
  type JournaledItem,
  journaledItems,
  keyOf,
  keysOf,
  partitionOf,
  recordOf,
  writesOf,
} from './journaled-writes.ts';
import { count, PendingWrites } from './pending-writes.ts';
import type { JSONConnection } from './piped-connection.ts';

export interface JournaledConnectionOptions {
  readonly connection: JSONConnection;
  readonly logger: Logger;
  /** Milliseconds since the epoch, by the log's clock. */
  readonly now?: (() => number) | undefined;
}

interface Input {
  readonly TableName: string;
  readonly Key?: AttributeValues;
  readonly Item?: AttributeValues;
  readonly ExpressionAttributeValues?: AttributeValues;
  readonly ReturnConsumedCapacity?: string;
}

/**
 * Transactions of this size together, or with this number of items, are applied before others are acknowledged: a start
 * after a crash applies as many.
 */
const MAX_JOURNALED_BYTES = 8 * 1024 * 1024;
const MAX_JOURNALED_ITEMS = 20_000;
/**
 * Pending transactions are applied when they fill a call, and after this many milliseconds at the latest. The journal is
 * emptied after the first such interval without a transaction.
 */
const INTERVAL_MS = 50;
const APPLY_FROM_ITEMS = 90;
/** Calls that wait for pending transactions fail after this many milliseconds, like unanswered calls. */
const TIMEOUT_MS = 5_000;

const READS: ReadonlySet<Operation> = new Set(['GetItem', 'Query']);
const ITEM_WRITES: ReadonlySet<Operation> = new Set(['DeleteItem', 'PutItem', 'UpdateItem']);

export class JournaledConnection implements Connection {
  readonly #options: JournaledConnectionOptions;
  readonly #pending: PendingWrites;
  /** Unset: the emulator's data is in memory, and lost with its process in any case. */
  #journal: Journal | undefined;
  /** The end of each sequence whose last transaction is known to have taken effect. */
  readonly #sequences = new Map<string, number>();
  /** The items of all transactions in the journal. */
  readonly #journaled = new Set<string>();
  /** Bytes of these transactions' records. */
  #journaledBytes = 0;
  /** The number of other writes in flight to each item. */
  readonly #others = new Map<string, number>();
  /** Appends in flight. */
  readonly #appends = new Set<Promise<unknown>>();
  #emptying: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Number of acknowledged transactions at the last tick. */
  #ticked = 0;
  #isClosed = false;

  constructor(options: JournaledConnectionOptions) {
    this.#options = options;
    this.#pending = new PendingWrites(options.connection, options.logger);
  }

  get bytes(): Connection['bytes'] {
    return this.#options.connection.bytes;
  }

  get fault(): string | undefined {
    return this.#options.connection.fault;
  }

  /**
   * Applies what a previous process left in the journal, and uses it from then on. Rejects if the emulator refuses its
   * transactions; if the journal is damaged, after those before the damage are applied.
   */
  async use(journal: Journal): Promise<void> {
    const { connection, logger } = this.#options;
    if (journal.droppedBytes > 0) {
      logger.warning(
        `${journal.path}: ${journal.droppedBytes} bytes of a write that was interrupted are dropped`,
      );
    }
    const left = journal.records.map(writesOf);
    while (left.length > 0) {
      const { items, count: applied } = batchOf(left);
      try {
        await connection.transactJSON(items);
      } catch (error) {
        if ((error as CallFailure).name !== 'ResourceNotFoundException') throw error;
        logger.warning(`${applied} journaled writes are dropped: their table was deleted`);
      }
      left.splice(0, applied);
    }
    if (journal.damagedAt !== undefined) {
      journal.close();
      throw new Error(damageText(journal.path, journal.damagedAt));
    }
    await journal.clear();
    this.#journal = journal;
  }

  async send(operation: Operation, input: object, options: SendOptions = {}): Promise<Answer> {
    const call = input as Input;
    if (READS.has(operation)) {
      const applied = this.#pending.appliedTo(partitionRead(call));
      if (applied !== undefined) await withTimeout(applied);
      return await this.#options.connection.send(operation, input, options);
    }
    if (operation === 'TransactWriteItems') return await this.#transact(input, options);
    if (ITEM_WRITES.has(operation)) return await this.#write(operation, input, [keyOf(call)], options);
    if (operation === 'DeleteTable') {
      await withTimeout(this.#empty());
      for (const name of this.#sequences.keys()) {
        if (name.startsWith(`${call.TableName}\0`)) this.#sequences.delete(name);
      }
    }
    return await this.#options.connection.send(operation, input, options);
  }

  /** Applies all pending transactions and empties the journal. */
  async flush(): Promise<void> {
    await this.#empty();
  }

  close(): void {
    this.#isClosed = true;
    this.#pending.close();
    clearTimeout(this.#timer);
    this.#options.connection.close();
    this.#journal?.close();
  }

  async #transact(input: object, options: SendOptions): Promise<Answer> {
    const { sequence } = options;
    const keys = keysOf(input);
    if (sequence !== undefined) {
      while (this.#emptying !== undefined) await withTimeout(this.#emptying);
      if (
        this.#mayJournal(sequence, keys, options) &&
        (await this.#append(sequence, journaledItems(input, keys)))
      ) {
        if ((input as Input).ReturnConsumedCapacity === undefined) return {};
        return { ConsumedCapacity: { CapacityUnits: consumedCapacity('TransactWriteItems', input, {}) } };
      }
    }
    const answer = await this.#write('TransactWriteItems', input, keys, options);
    if (sequence !== undefined) this.#sequences.set(sequence.name, sequence.to);
    return answer;
  }

  #mayJournal({ name, from }: Sequence, keys: readonly string[], { notAfter }: SendOptions): boolean {
    const { now = Date.now, connection } = this.#options;
    return (
      this.#sequences.get(name) === from &&
      (notAfter === undefined || now() <= notAfter) &&
      this.#journal?.isBroken !== true &&
      connection.fault === undefined &&
      !keys.some((key) => this.#others.has(key))
    );
  }

  /** Whether the journal has it. */
  async #append({ name, to }: Sequence, items: readonly JournaledItem[]): Promise<boolean> {
    const record = recordOf(items);
    // Until it is decided, no other transaction may follow it.
    this.#sequences.delete(name);
    for (const { key } of items) this.#journaled.add(key);
    this.#journaledBytes += record.length;
    const append = this.#journal?.append(record) ?? Promise.resolve();
    this.#appends.add(append);
    try {
      await append;
    } catch {
      return false;
    } finally {
      this.#appends.delete(append);
    }
    this.#sequences.set(name, to);
    this.#pending.add({ items, bytes: record.length });
    if (this.#pending.items >= APPLY_FROM_ITEMS) void this.#pending.applyAll();
    if (this.#journaledBytes > MAX_JOURNALED_BYTES || this.#journaled.size > MAX_JOURNALED_ITEMS) {
      this.#empty().catch(() => {});
    }
    this.#timer ??= setTimeout(() => this.#tick(), INTERVAL_MS).unref();
    return true;
  }

  #tick(): void {
    this.#timer = undefined;
    const { added } = this.#pending;
    if (added === this.#ticked) {
      this.#empty().catch(() => {});
      return;
    }
    this.#ticked = added;
    void this.#pending.applyAll();
    this.#timer = setTimeout(() => this.#tick(), INTERVAL_MS).unref();
  }

  async #write(
    operation: Operation,
    input: object,
    keys: readonly string[],
    options: SendOptions,
  ): Promise<Answer> {
    while (keys.some((key) => this.#journaled.has(key))) await withTimeout(this.#empty());
    for (const key of keys) {
      this.#sequences.delete(key);
      count(this.#others, key, 1);
    }
    try {
      return await this.#options.connection.send(operation, input, options);
    } finally {
      for (const key of keys) count(this.#others, key, -1);
    }
  }

  /** Applies everything and clears the journal; new transactions wait meanwhile. */
  #empty(): Promise<void> {
    this.#emptying ??= this.#clear().finally(() => {
      this.#emptying = undefined;
    });
    return this.#emptying;
  }

  async #clear(): Promise<void> {
    while (this.#appends.size > 0 || this.#pending.items > 0) {
      await Promise.allSettled(this.#appends);
      await this.#pending.applyAll();
      if (this.#isClosed) return;
    }
    try {
      await this.#journal?.clear();
    } catch (error) {
      throw callFailure(BROKEN, `the journal can't be emptied: ${(error as Error).message}`, 500);
    }
    this.#journaled.clear();
    this.#journaledBytes = 0;
  }
}

const damageText = (path: string, at: number): string =>
  `the journal ${path} is damaged at byte ${at}: acknowledged writes after it can't be read, those before it are stored. Keep a copy of it; move it elsewhere to start without these writes, or restore a backup into an empty --data-dir (zeroplane restore)`;

/** The partition that a GetItem or a Query reads. */
function partitionRead({ TableName, Key, ExpressionAttributeValues }: Input): string {
  if (Key !== undefined) return partitionOf(keyOf({ TableName, Key }));
  return `${TableName}\0${ExpressionAttributeValues?.[':pk']?.S}`;
}

/** Rejects like an unsent call if `work` takes too long. */
async function withTimeout(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(callFailure('ECONNREFUSED', 'acknowledged writes could not be applied')),
      TIMEOUT_MS,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
