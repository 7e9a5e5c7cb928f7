/** One tenant's part of a shared table: every partition key starts with the tenant's id and `#`. */

import { type Clock, systemClock } from '../../util/clock.ts';
import {
  type Allocation,
  type DynamoDBTable,
  type Item,
  type ItemKey,
  isTableError,
  type Page,
  type Query,
  TableError,
  type TransactedWrite,
  type TransactOptions,
  type Write,
} from './dynamodb-table.ts';
import {
  FIRST_KEY,
  HEADS,
  headOf,
  LAST_KEY,
  LISTS_ALL,
  logOf,
  objectsOf,
  PAIRS,
  partsOf,
  RESOURCES,
  resourceOfHead,
} from './layout.ts';
import { MAX_TRANSACTION_WRITES } from './protocol.ts';
import { queryItems } from './query-items.ts';
import { retryTableCall } from './retry-table-call.ts';

/** Partition of the tenant's keys, which are no objects. */
export const KEYS = '#keys';

/** First character of every resource's partitions, and otherwise only of those in `OF_ALL`. */
const RESOURCE_START = '/';
const OF_ALL: readonly string[] = [PAIRS, HEADS];

/** The resource that a partition belongs to. */
const resourceOf = (pk: string): string => /^[^#]*/.exec(pk)![0];
const listing = (resource: string): Item => ({ pk: RESOURCES, sk: resource });

/**
 * The partitions of a resource. The head is copied first and removed last, so that revisions never restart beside old
 * entries.
 */
const PARTITIONS = [objectsOf, partsOf, logOf, headOf];

/** Valid ids. None can end such that one id is a prefix of another's keys. */
const ID = /^[a-z0-9][-.a-z0-9]*$/;

export interface TenantTableOptions {
  /**
   * Whether only this process writes the tenant's items. Then the list of written resources is read once, and reads of
   * others are skipped: most tenants have never written to most resources.
   */
  readonly isAlone?: boolean | undefined;
}

export class TenantTable implements DynamoDBTable {
  readonly #table: DynamoDBTable;
  readonly #prefix: string;
  readonly #isAlone: boolean;
  /** Resources known to be in the list. */
  readonly #listed = new Set<string>();
  /** Resources that may have items: those in the list, and those about to be written. Unknown until first needed. */
  #inUse: Promise<Set<string>> | undefined;

  /** The caller closes `table`. Throws for an id that could be taken for part of another tenant's keys. */
  constructor(table: DynamoDBTable, id: string, { isAlone = false }: TenantTableOptions = {}) {
    if (!ID.test(id)) throw new Error(`invalid tenant id ${JSON.stringify(id)}`);
    this.#table = table;
    this.#prefix = `${id}#`;
    this.#isAlone = isAlone;
  }

  get fault(): string | undefined {
    return this.#table.fault;
  }

  async get(key: ItemKey, options: { readonly consistent: boolean }): Promise<Item | undefined> {
    if (await this.#isUnused(key.pk)) return undefined;
    const item = await this.#table.get(this.#outward(key), options);
    return item && this.#inward(item);
  }

  async query(query: Query): Promise<Page> {
    if (await this.#isUnused(query.pk)) return { items: [] };
    const { items, lastKey } = await this.#table.query(this.#outward(query));
    return { items: items.map((item) => this.#inward(item)), lastKey };
  }

  async write(write: Write): Promise<void> {
    const listed = 'put' in write && write.put.pk === RESOURCES ? write.put.sk : undefined;
    if (listed !== undefined) await this.#use(listed);
    await this.#translated(() => this.#table.write(this.#outwardWrite(write)));
    if (listed !== undefined) this.#listed.add(listed);
  }

  async allocate(allocation: Allocation): Promise<Item> {
    const head = await this.#translated(() => this.#table.allocate(this.#outward(allocation)));
    return this.#inward(head);
  }

  raiseResolved(
    head: ItemKey,
    to: { readonly resolved: number; readonly resolvedAt: number },
  ): Promise<void> {
    return this.#table.raiseResolved(this.#outward(head), to);
  }

  async transact(writes: readonly TransactedWrite[], options: TransactOptions): Promise<void> {
    const outward = writes.map(
      (write): TransactedWrite =>
        'claim' in write ? { claim: this.#outward(write.claim) } : this.#outwardWrite(write),
    );
    const unlisted = writes
      .flatMap((write) => ('claim' in write && write.claim.quiet ? [resourceOfHead(write.claim)] : []))
      .filter((resource) => !this.#listed.has(resource));
    if (outward.length + unlisted.length > MAX_TRANSACTION_WRITES) {
      for (const resource of unlisted.splice(0)) await this.#list(resource);
    }
    for (const resource of unlisted) {
      await this.#use(resource);
      // Appended after the caller's writes, so that positions in an error match.
      outward.push({ put: this.#outward(listing(resource)) });
    }
    await this.#translated(() => this.#table.transact(outward, options));
    for (const resource of unlisted) this.#listed.add(resource);
  }

  create(): Promise<void> {
    return this.#table.create();
  }

  close(): void {
    this.#listed.clear();
    this.#inUse = undefined;
  }

  /** Every partition key of the tenant, without its prefix. Rejects with `TableError`. */
  async partitions(clock: Clock = systemClock): Promise<string[]> {
    const resources = new Set<string>();
    for (const list of [RESOURCES, HEADS]) {
      for await (const { sk } of itemsWithRetries(this, list, clock)) resources.add(sk);
    }
    resources.delete(LISTS_ALL.sk);
    const of = [...resources].flatMap((resource) => PARTITIONS.map((partition) => partition(resource)));
    return [...of, ...OF_ALL, KEYS, RESOURCES];
  }

  /** Must precede the resource's first item: an unlisted resource would never be found again. */
  async #list(resource: string): Promise<void> {
    if (!this.#listed.has(resource)) await this.write({ put: listing(resource) });
  }

  /** Must precede any item of the resource. */
  async #use(resource: string): Promise<void> {
    if (this.#isAlone) (await this.#usedResources()).add(resource);
  }

  /** Whether a partition is surely empty because its resource was never written to. */
  async #isUnused(pk: string): Promise<boolean> {
    if (!this.#isAlone || !pk.startsWith(RESOURCE_START) || OF_ALL.includes(pk)) return false;
    return !(await this.#usedResources()).has(resourceOf(pk));
  }

  #usedResources(): Promise<Set<string>> {
    this.#inUse ??= this.#readList();
    return this.#inUse;
  }

  async #readList(): Promise<Set<string>> {
    try {
      for await (const { sk } of itemsOf(this, RESOURCES)) this.#listed.add(sk);
      return new Set(this.#listed);
    } catch (error) {
      this.#inUse = undefined;
      throw error;
    }
  }

  #outward<T extends { readonly pk: string }>(of: T): T {
    return { ...of, pk: this.#prefix + of.pk };
  }

  #outwardWrite(write: Write): Write {
    return 'put' in write
      ? { ...write, put: this.#outward(write.put) }
      : { ...write, delete: this.#outward(write.delete) };
  }

  #inward(item: Item): Item {
    return { ...item, pk: item.pk.slice(this.#prefix.length) };
  }

  /** Translates the keys of existing items in errors. */
  async #translated<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!isTableError(error)) throw error;
      const { kind, message, cause } = error;
      const reasons = error.reasons.map(({ kind, item }) => ({ kind, item: item && this.#inward(item) }));
      throw new TableError(kind, message, { item: error.item && this.#inward(error.item), reasons, cause });
    }
  }
}

/** All items of a partition, by consistent reads, page by page. */
export function itemsOf(table: DynamoDBTable, pk: string): AsyncIterable<Item> {
  return queryItems(table, { pk, from: FIRST_KEY, to: LAST_KEY, consistent: true });
}

function itemsWithRetries(table: DynamoDBTable, pk: string, clock: Clock): AsyncIterable<Item> {
  const query = (asked: Query) => retryTableCall(() => table.query(asked), clock);
  return queryItems({ query }, { pk, from: FIRST_KEY, to: LAST_KEY, consistent: true });
}
