/** A table that is opened when it is first asked. */

import { once } from '../../util/once.ts';
import type { ConnectedTable } from './connected-table.ts';
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

export class LaterTable implements DynamoDBTable {
  readonly #open: () => Promise<ConnectedTable>;
  #table: ConnectedTable | undefined;

  constructor(open: () => Promise<ConnectedTable>) {
    this.#open = once(async () => {
      this.#table = await open();
      return this.#table;
    });
  }

  get trouble(): string | undefined {
    return this.#table?.trouble;
  }

  async get(key: ItemKey, options: { readonly consistent: boolean }): Promise<Item | undefined> {
    return (await this.#open()).get(key, options);
  }

  async query(query: Query): Promise<Page> {
    return (await this.#open()).query(query);
  }

  async write(write: Write): Promise<void> {
    return (await this.#open()).write(write);
  }

  async allocate(allocation: Allocation): Promise<Item> {
    return (await this.#open()).allocate(allocation);
  }

  async raiseResolved(
    head: ItemKey,
    to: { readonly resolved: number; readonly resolvedAt: number },
  ): Promise<void> {
    return (await this.#open()).raiseResolved(head, to);
  }

  async transact(writes: readonly TransactedWrite[], options: { readonly notAfter: number }): Promise<void> {
    return (await this.#open()).transact(writes, options);
  }

  /** As `ConnectedTable` does. */
  async add(key: ItemKey, amounts: Readonly<Record<string, number>>): Promise<Item> {
    return (await this.#open()).add(key, amounts);
  }

  async create(): Promise<void> {
    return (await this.#open()).create();
  }

  close(): void {
    this.#table?.close();
  }
}
