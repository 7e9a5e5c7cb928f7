/** A table whose calls first wait for a precondition. */

import type {
  Allocation,
  DynamoDBTable,
  Item,
  ItemKey,
  Page,
  Query,
  TransactedWrite,
  TransactOptions,
  Write,
} from './dynamodb-table.ts';

export abstract class AwaitedTable implements DynamoDBTable {
  /** Resolves to the table once it may be called; rejections are passed to the caller. */
  protected abstract ready(): Promise<DynamoDBTable>;
  abstract get fault(): string | undefined;
  abstract create(): Promise<void>;
  abstract close(): void;

  async get(key: ItemKey, options: { readonly consistent: boolean }): Promise<Item | undefined> {
    return (await this.ready()).get(key, options);
  }

  async query(query: Query): Promise<Page> {
    return (await this.ready()).query(query);
  }

  async write(write: Write): Promise<void> {
    return (await this.ready()).write(write);
  }

  async allocate(allocation: Allocation): Promise<Item> {
    return (await this.ready()).allocate(allocation);
  }

  async raiseResolved(
    head: ItemKey,
    to: { readonly resolved: number; readonly resolvedAt: number },
  ): Promise<void> {
    return (await this.ready()).raiseResolved(head, to);
  }

  async transact(writes: readonly TransactedWrite[], options: TransactOptions): Promise<void> {
    return (await this.ready()).transact(writes, options);
  }
}
