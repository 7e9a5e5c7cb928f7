/** A table that is asked for nothing any more once it is another's to use. */

import type {
  Allocation,
  DynamoDBTable,
  Item,
  ItemKey,
  Page,
  Query,
  TransactedWrite,
  Write,
} from './dynamodb-table.ts';

export class CheckedTable implements DynamoDBTable {
  readonly #table: DynamoDBTable;
  readonly #check: () => Promise<void>;

  /** `check` is asked before every call, and rejects with what the caller is to be told. */
  constructor(table: DynamoDBTable, check: () => Promise<void>) {
    this.#table = table;
    this.#check = check;
  }

  get trouble(): string | undefined {
    return this.#table.trouble;
  }

  async get(key: ItemKey, options: { readonly consistent: boolean }): Promise<Item | undefined> {
    await this.#check();
    return this.#table.get(key, options);
  }

  async query(query: Query): Promise<Page> {
    await this.#check();
    return this.#table.query(query);
  }

  async write(write: Write): Promise<void> {
    await this.#check();
    return this.#table.write(write);
  }

  async allocate(allocation: Allocation): Promise<Item> {
    await this.#check();
    return this.#table.allocate(allocation);
  }

  async raiseResolved(
    head: ItemKey,
    to: { readonly resolved: number; readonly resolvedAt: number },
  ): Promise<void> {
    await this.#check();
    return this.#table.raiseResolved(head, to);
  }

  async transact(writes: readonly TransactedWrite[], options: { readonly notAfter: number }): Promise<void> {
    await this.#check();
    return this.#table.transact(writes, options);
  }

  create(): Promise<void> {
    return this.#table.create();
  }

  close(): void {
    this.#table.close();
  }
}
