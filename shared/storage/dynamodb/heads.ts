/**
 * Heads of resources' logs. In tables created that way, the heads of resources that servers follow are in one
 * partition: one read tells for each of them whether anything was written since the last read, and costs as much as a
 * single head.
 *
 * In a new table the heads are gathered by one transaction, conditional on none existing yet. It leaves an item at each
 * head's own place whose format locks out releases that don't know the shared partition. Once that is visible, the
 * heads are created in the shared partition. A table's heads never move once one of them was used, whichever releases
 * write to it.
 */

import type { Clock } from '../../util/clock.ts';
import { StorageError } from '../errors.ts';
import {
  type DynamoDBTable,
  FIRST_REVISION,
  type Item,
  type ItemKey,
  isTableError,
} from './dynamodb-table.ts';
import { FIRST_KEY, FORMAT, HEADS, headOf, LAST_KEY, LISTS_ALL, resourceOfHead } from './layout.ts';
import type { Protocol } from './protocol.ts';
import { queryItems } from './query-items.ts';
import { ReadBarrier } from './read-barrier.ts';
import { backoff, mayRetry, retry, storageError } from './retry.ts';

export interface Head {
  /** The last revision handed out. */
  readonly next: number;
  /** The last allocation handed out the revisions above this one ... */
  readonly from: number;
  /** ... no earlier than this moment, by the allocator's clock. */
  readonly at: number;
  /** Every revision up to this one is decided, and its writes are visible to all. */
  readonly resolved: number;
  /**
   * Lower bound of the moment the revision after `resolved` was taken, by a clock that may be minutes off; 0: unknown.
   */
  readonly resolvedAt: number;
  /** Milliseconds of patience that a fenced writer requests from readers, for revisions up to `graceTo`. */
  readonly grace: number;
  readonly graceTo: number;
}

/** A head, and the moment of this process's clock at which it was requested. */
export interface ObservedHead {
  readonly head: Head;
  readonly requestedAt: number;
}

interface HeadsRead {
  readonly requestedAt: number;
  /** By resource. */
  readonly heads: Promise<ReadonlyMap<string, Head>>;
}

export interface HeadsOptions {
  readonly table: DynamoDBTable;
  readonly clock: Clock;
  readonly protocol: Protocol;
}

const ABSENT = { kind: 'absent' } as const;
const UNUSED = { next: FIRST_REVISION, from: FIRST_REVISION, at: 0, resolved: FIRST_REVISION, resolvedAt: 0 };
/**
 * A value that isn't a number can't be added to, so even releases that know of no formats can't take a revision there.
 */
const MOVED = { format: FORMAT, next: 'with others', at: 0 };

export class Heads {
  readonly #options: HeadsOptions;
  readonly #followed = new Set<string>();
  /** Resources whose heads are known to be in the shared partition. */
  readonly #shared = new Set<string>();
  /** The last read that was started, and the last that was completed. */
  #lastRead: HeadsRead | undefined;
  #seen: { readonly requestedAt: number; readonly heads: ReadonlyMap<string, Head> } | undefined;
  readonly #barrier = new ReadBarrier(async () => void (await this.#readAll()));

  constructor(options: HeadsOptions) {
    this.#options = options;
  }

  /**
   * Declares resources whose heads may be in the shared partition. For others in it, the format of the item at the
   * head's own place tells.
   */
  follow(resourcePrefixes: Iterable<string>): void {
    for (const prefix of resourcePrefixes) this.#followed.add(prefix);
  }

  /** Whether the resource's head is known to be in the shared partition. */
  isShared(resourcePrefix: string): boolean {
    return this.#shared.has(resourcePrefix);
  }

  /** Key of the head, as far as this process knows. Rejects with StorageError. */
  async keyOf(resourcePrefix: string): Promise<ItemKey> {
    if (this.#mayBeShared(resourcePrefix) && this.#seen === undefined) await this.refresh();
    return this.#shared.has(resourcePrefix)
      ? { pk: HEADS, sk: resourcePrefix }
      : { pk: headOf(resourcePrefix), sk: '-' };
  }

  /** The head at or after the time of the call. Rejects with StorageError, including `NewerFormat`. */
  async read(resourcePrefix: string): Promise<Head> {
    for (;;) {
      if (this.#mayBeShared(resourcePrefix)) {
        const isKnown = this.#shared.has(resourcePrefix);
        await this.refresh();
        const head = this.#seen?.heads.get(resourcePrefix);
        if (head !== undefined) return head;
        if (isKnown) throw new StorageError('Internal', `the head of ${resourcePrefix} is missing`);
      }
      const head = await this.#readOwn(resourcePrefix, { consistent: true });
      if (head !== undefined) return head;
    }
  }

  /** The head, by an eventually consistent read where possible. Rejects as `read` does. */
  async readRecent(resourcePrefix: string): Promise<Head> {
    const head = this.#mayBeShared(resourcePrefix)
      ? undefined
      : await this.#readOwn(resourcePrefix, { consistent: false });
    return head ?? (await this.read(resourcePrefix));
  }

  /**
   * The head as of `maxStalenessMs` ago or later, by a read that may be shared or already complete; undefined if the
   * head is not in the shared partition. Rejects with StorageError.
   */
  async within(resourcePrefix: string, maxStalenessMs: number): Promise<ObservedHead | undefined> {
    if (!this.#mayBeShared(resourcePrefix)) return undefined;
    if (this.#readSince(this.#options.clock.now() - maxStalenessMs) === undefined) await this.refresh();
    const { requestedAt, heads } = this.#lastRead!;
    const head = (await heads).get(resourcePrefix);
    return head && { head, requestedAt };
  }

  /** Like `within`, but only if such a read is complete or in flight. */
  cached(
    resourcePrefix: string,
    maxStalenessMs: number,
  ): { readonly head: Promise<Head>; readonly requestedAt: number } | undefined {
    if (!this.#shared.has(resourcePrefix)) return undefined;
    const started = this.#readSince(this.#options.clock.now() - maxStalenessMs);
    if (started === undefined) return undefined;
    // A read that began before the head was created doesn't include it.
    const head = started.heads.then((heads) => heads.get(resourcePrefix) ?? this.read(resourcePrefix));
    return { head, requestedAt: started.requestedAt };
  }

  /** The head as last read from the shared partition, however long ago. */
  lastSeen(resourcePrefix: string): ObservedHead | undefined {
    const head = this.#seen?.heads.get(resourcePrefix);
    return head && { head, requestedAt: this.#seen!.requestedAt };
  }

  /** Reads the shared partition, as of the call or later. Rejects with StorageError. */
  refresh(): Promise<void> {
    return this.#barrier.pass();
  }

  /**
   * Whether every revision up to the head's `next` was decided and visible to all when the head was read: later reads
   * are then valid until the head moves.
   */
  isSettled({ head, requestedAt }: ObservedHead): boolean {
    return head.resolved === head.next || head.at < requestedAt - this.#options.protocol.deadAfterMs;
  }

  /**
   * Gathers the heads of followed resources in the shared partition, if the table has none of them yet, and marks the
   * list of written resources as complete. If interrupted, a process that needs a head creates it there. Rejects with
   * StorageError.
   */
  async gather(): Promise<void> {
    const { table, clock, protocol } = this.#options;
    const moved = [...this.#followed].map((prefix) => ({ pk: headOf(prefix), sk: '-', ...MOVED }));
    const writes = [...moved, LISTS_ALL].map((put) => ({ put, condition: ABSENT }));
    const start = clock.monotonic();
    for (let attempt = 0; moved.length > 0; attempt++) {
      try {
        await table.transact(writes, { notAfter: clock.now() + protocol.maxHoldMs });
        // The heads may be created only after every process can see that the old places are locked.
        await Promise.all([...this.#followed].map((prefix) => this.#createShared(prefix)));
        break;
      } catch (error) {
        if (!isTableError(error)) throw error;
        // Another process has fixed the places already.
        if (error.reasons.some(({ kind }) => kind === 'ConditionFailed')) break;
        const kind = error.kind === 'Canceled' ? 'Conflict' : error.kind;
        if (!mayRetry(kind, clock.monotonic() - start, protocol)) throw storageError(error);
        await clock.sleep(backoff(clock, attempt));
      }
    }
    await this.refresh();
  }

  /** Must be called when a write finds that the head has moved: it can be read at its new place afterwards. */
  async moved(resourcePrefix: string): Promise<void> {
    const { clock, protocol } = this.#options;
    const start = clock.monotonic();
    for (
      let attempt = 0;
      (await this.#readOwn(resourcePrefix, { consistent: true })) !== undefined;
      attempt++
    ) {
      // The caller may have seen the effect of the transaction before it is visible to reads.
      if (clock.monotonic() - start >= protocol.retryMs)
        throw new StorageError('Timeout', `the head of ${resourcePrefix} is not where it should be`);
      await clock.sleep(backoff(clock, attempt));
    }
  }

  async #createShared(resourcePrefix: string): Promise<void> {
    const put = { pk: HEADS, sk: resourcePrefix, format: FORMAT, ...UNUSED };
    try {
      await retry(this.#options, () => this.#options.table.write({ put, condition: ABSENT }));
    } catch (error) {
      if (!isTableError(error, 'ConditionFailed')) throw error;
    }
    this.#shared.add(resourcePrefix);
  }

  /** Until a table's arrangement is known, the head of any followed resource may be in the shared partition. */
  #mayBeShared(resourcePrefix: string): boolean {
    if (this.#shared.has(resourcePrefix)) return true;
    return this.#followed.has(resourcePrefix) && this.#seen === undefined;
  }

  #readSince(moment: number): HeadsRead | undefined {
    return this.#lastRead !== undefined && this.#lastRead.requestedAt >= moment ? this.#lastRead : undefined;
  }

  async #readAll(): Promise<void> {
    const { table, clock, protocol } = this.#options;
    const query = { pk: HEADS, from: FIRST_KEY, to: LAST_KEY, consistent: true };
    const heads = (async () => {
      const found = new Map<string, Head>();
      for await (const item of queryItems(table, query, { clock, protocol }))
        found.set(item.sk, decodeHead(item));
      return found;
    })();
    const started = { requestedAt: clock.now(), heads };
    this.#lastRead = started;
    try {
      this.#seen = { requestedAt: started.requestedAt, heads: await heads };
      for (const prefix of this.#seen.heads.keys()) this.#shared.add(prefix);
    } catch (error) {
      if (this.#lastRead === started) this.#lastRead = undefined;
      throw error;
    }
  }

  /** Undefined: the head is in the shared partition, which is remembered. */
  async #readOwn(
    resourcePrefix: string,
    options: { readonly consistent: boolean },
  ): Promise<Head | undefined> {
    const key = { pk: headOf(resourcePrefix), sk: '-' };
    const item = (await retry(this.#options, () => this.#options.table.get(key, options))) ?? key;
    if (!hasMoved(item)) return decodeHead(item);
    await this.#createShared(resourcePrefix);
    return undefined;
  }
}

/** Whether a table's heads were gathered. Rejects with `TableError`. */
export async function hasSharedHeads(table: DynamoDBTable): Promise<boolean> {
  const query = { pk: HEADS, from: FIRST_KEY, to: LAST_KEY, consistent: true, limit: 1 };
  return (await table.query(query)).items.length > 0;
}

/** Whether the item at a head's own place says that the head is in the shared partition. */
export const hasMoved = (item: Item): boolean => item.pk !== HEADS && item['format'] === FORMAT;

/** Throws `NewerFormat`. */
export function decodeHead(item: Item): Head {
  checkFormat(item);
  const number = (name: keyof Head, otherwise: number) => (item[name] as number | undefined) ?? otherwise;
  return {
    next: number('next', FIRST_REVISION),
    from: number('from', FIRST_REVISION),
    at: number('at', 0),
    resolved: number('resolved', FIRST_REVISION),
    resolvedAt: number('resolvedAt', 0),
    grace: number('grace', 0),
    graceTo: number('graceTo', 0),
  };
}

/** Throws `NewerFormat`. */
export function checkFormat(item: Item): void {
  const { format = 1 } = item;
  if ((format as number) <= FORMAT) return;
  const resource = resourceOfHead(item);
  const message = `${resource} was written by a newer release, in format ${format}; this one supports formats up to ${FORMAT}`;
  throw new StorageError('NewerFormat', message);
}
