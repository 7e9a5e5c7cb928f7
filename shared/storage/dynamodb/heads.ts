/**
 * Heads of resources' logs. Those of resources that servers follow stand together, where the table began so: one read
 * tells of each of them whether anything was written since it was last read, and costs as much as one head by itself.
 *
 * The heads of a new table are put together by one transaction, which depends on there being none yet, and leaves at the
 * place of each an item whose format keeps out whoever knows of no other place. Once that is visible, the heads are made
 * where they stand from then on: a table's heads never move once one of them was used, whichever releases write to it.
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
  /** ... no earlier than this moment, by the clock of who took them. */
  readonly at: number;
  /** Every revision up to this one is decided, and what it wrote is visible to all. */
  readonly resolved: number;
  /** No later than the moment the revision after `resolved` was taken, by a clock minutes off; 0: unknown. */
  readonly resolvedAt: number;
  /** Milliseconds of patience that a writer who was fenced asks of readers, for revisions up to `graceTo`. */
  readonly grace: number;
  readonly graceTo: number;
}

/** A head, and since when it may have been so: milliseconds of this process's clock, before it was asked for. */
export interface SeenHead {
  readonly head: Head;
  readonly askedAt: number;
}

interface Look {
  readonly askedAt: number;
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
/** What is no number can't be added to: not even a program that knows of no formats takes a revision there. */
const MOVED = { format: FORMAT, next: 'with others', at: 0 };

export class Heads {
  readonly #options: HeadsOptions;
  readonly #followed = new Set<string>();
  /** Of those that are known to stand together. */
  readonly #together = new Set<string>();
  /** The last that began, and the last that ended. */
  #look: Look | undefined;
  #seen: { readonly askedAt: number; readonly heads: ReadonlyMap<string, Head> } | undefined;
  readonly #barrier = new ReadBarrier(async () => void (await this.#readAll()));

  constructor(options: HeadsOptions) {
    this.#options = options;
  }

  /** Resources whose heads may stand together. Of others that do so, too, whoever comes upon one hears by its format. */
  follow(resourcePrefixes: Iterable<string>): void {
    for (const prefix of resourcePrefixes) this.#followed.add(prefix);
  }

  /** Whether the resource's head is known to stand with others. */
  standsWithOthers(resourcePrefix: string): boolean {
    return this.#together.has(resourcePrefix);
  }

  /** Where the head stands, as far as anybody has heard. Rejects with StorageError. */
  async keyOf(resourcePrefix: string): Promise<ItemKey> {
    if (this.#mayStandWithOthers(resourcePrefix) && this.#seen === undefined) await this.look();
    return this.#together.has(resourcePrefix)
      ? { pk: HEADS, sk: resourcePrefix }
      : { pk: headOf(resourcePrefix), sk: '-' };
  }

  /** As it is since the call. Rejects with StorageError, `NewerFormat` among them. */
  async read(resourcePrefix: string): Promise<Head> {
    for (;;) {
      if (this.#mayStandWithOthers(resourcePrefix)) {
        const isKnown = this.#together.has(resourcePrefix);
        await this.look();
        const head = this.#seen?.heads.get(resourcePrefix);
        if (head !== undefined) return head;
        if (isKnown) throw new StorageError('Internal', `the head of ${resourcePrefix} is missing`);
      }
      const head = await this.#readOwn(resourcePrefix, { consistent: true });
      if (head !== undefined) return head;
    }
  }

  /** As it was a moment ago. Rejects as `read` does. */
  async readRecent(resourcePrefix: string): Promise<Head> {
    const head = this.#mayStandWithOthers(resourcePrefix)
      ? undefined
      : await this.#readOwn(resourcePrefix, { consistent: false });
    return head ?? (await this.read(resourcePrefix));
  }

  /**
   * As it was `maxStalenessMs` ago or later, by a read that may be shared, or have ended before; undefined where the head
   * stands by itself. Rejects with StorageError.
   */
  async within(resourcePrefix: string, maxStalenessMs: number): Promise<SeenHead | undefined> {
    if (!this.#mayStandWithOthers(resourcePrefix)) return undefined;
    if (this.#lookSince(this.#options.clock.now() - maxStalenessMs) === undefined) await this.look();
    const { askedAt, heads } = this.#look!;
    const head = (await heads).get(resourcePrefix);
    return head && { head, askedAt };
  }

  /** The same, if it is there or on its way. */
  atHand(
    resourcePrefix: string,
    maxStalenessMs: number,
  ): { readonly head: Promise<Head>; readonly askedAt: number } | undefined {
    if (!this.#together.has(resourcePrefix)) return undefined;
    const look = this.#lookSince(this.#options.clock.now() - maxStalenessMs);
    if (look === undefined) return undefined;
    // A look that began before the head was there does not tell of it.
    const head = look.heads.then((heads) => heads.get(resourcePrefix) ?? this.read(resourcePrefix));
    return { head, askedAt: look.askedAt };
  }

  /** The last that was read of those that stand together, however long ago. */
  lastSeen(resourcePrefix: string): SeenHead | undefined {
    const head = this.#seen?.heads.get(resourcePrefix);
    return head && { head, askedAt: this.#seen!.askedAt };
  }

  /** Reads all that stand together, as they are since the call. Rejects with StorageError. */
  look(): Promise<void> {
    return this.#barrier.pass();
  }

  /**
   * Whether everything that was taken up to the head's `next` was decided, and visible to all, when the head was read:
   * what is read from then on stays as it is until the head moves.
   */
  isSettled({ head, askedAt }: SeenHead): boolean {
    return head.resolved === head.next || head.at < askedAt - this.#options.protocol.deadAfterMs;
  }

  /**
   * Puts the heads of what is followed together, if the table has none of them yet, and says that all that is written to
   * will be listed. Killed on its way, whoever needs a head puts it there. Rejects with StorageError.
   */
  async gather(): Promise<void> {
    const { table, clock, protocol } = this.#options;
    const moved = [...this.#followed].map((prefix) => ({ pk: headOf(prefix), sk: '-', ...MOVED }));
    const writes = [...moved, LISTS_ALL].map((put) => ({ put, condition: ABSENT }));
    const start = clock.monotonic();
    for (let attempt = 0; moved.length > 0; attempt++) {
      try {
        await table.transact(writes, { notAfter: clock.now() + protocol.maxHoldMs });
        // Nobody may take revisions elsewhere before everybody sees that nobody takes them here.
        await Promise.all([...this.#followed].map((prefix) => this.#putWithOthers(prefix)));
        break;
      } catch (error) {
        if (!isTableError(error)) throw error;
        // Somebody has put them where they are.
        if (error.reasons.some(({ kind }) => kind === 'ConditionFailed')) break;
        const kind = error.kind === 'Canceled' ? 'Conflict' : error.kind;
        if (!mayRetry(kind, clock.monotonic() - start, protocol)) throw storageError(error);
        await clock.sleep(backoff(clock, attempt));
      }
    }
    await this.look();
  }

  /** To be called by who hears that the head has another place: it can be found there from then on. */
  async moved(resourcePrefix: string): Promise<void> {
    const { clock, protocol } = this.#options;
    const start = clock.monotonic();
    for (
      let attempt = 0;
      (await this.#readOwn(resourcePrefix, { consistent: true })) !== undefined;
      attempt++
    ) {
      // Who is refused by what a transaction wrote may have heard of it before others can see it.
      if (clock.monotonic() - start >= protocol.retryMs)
        throw new StorageError('Timeout', `the head of ${resourcePrefix} is not where it should be`);
      await clock.sleep(backoff(clock, attempt));
    }
  }

  async #putWithOthers(resourcePrefix: string): Promise<void> {
    const put = { pk: HEADS, sk: resourcePrefix, format: FORMAT, ...UNUSED };
    try {
      await retry(this.#options, () => this.#options.table.write({ put, condition: ABSENT }));
    } catch (error) {
      if (!isTableError(error, 'ConditionFailed')) throw error;
    }
    this.#together.add(resourcePrefix);
  }

  /** Until it is known where a table's heads stand, any of those that are followed may. */
  #mayStandWithOthers(resourcePrefix: string): boolean {
    if (this.#together.has(resourcePrefix)) return true;
    return this.#followed.has(resourcePrefix) && this.#seen === undefined;
  }

  #lookSince(moment: number): Look | undefined {
    return this.#look !== undefined && this.#look.askedAt >= moment ? this.#look : undefined;
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
    const look = { askedAt: clock.now(), heads };
    this.#look = look;
    try {
      this.#seen = { askedAt: look.askedAt, heads: await heads };
      for (const prefix of this.#seen.heads.keys()) this.#together.add(prefix);
    } catch (error) {
      if (this.#look === look) this.#look = undefined;
      throw error;
    }
  }

  /** Undefined: it stands with others, which is known from then on. */
  async #readOwn(
    resourcePrefix: string,
    options: { readonly consistent: boolean },
  ): Promise<Head | undefined> {
    const key = { pk: headOf(resourcePrefix), sk: '-' };
    const item = (await retry(this.#options, () => this.#options.table.get(key, options))) ?? key;
    if (!hasMoved(item)) return decodeHead(item);
    await this.#putWithOthers(resourcePrefix);
    return undefined;
  }
}

/** Whether a table's heads were put together. Rejects with `TableError`. */
export async function standTogether(table: DynamoDBTable): Promise<boolean> {
  const query = { pk: HEADS, from: FIRST_KEY, to: LAST_KEY, consistent: true, limit: 1 };
  return (await table.query(query)).items.length > 0;
}

/** Whether what stands at a head's own place says that it stands with others. */
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
  const message = `${resource} was written by a newer release, in format ${format}; this one knows ${FORMAT}`;
  throw new StorageError('NewerFormat', message);
}
