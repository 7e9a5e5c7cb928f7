/** A table that accepts no calls once another process owns its data. */

import { AwaitedTable } from './awaited-table.ts';
import type { DynamoDBTable } from './dynamodb-table.ts';

export class CheckedTable extends AwaitedTable {
  readonly #table: DynamoDBTable;
  readonly #check: () => Promise<void>;

  /** `check` is awaited before every call; its rejections are passed to the caller. */
  constructor(table: DynamoDBTable, check: () => Promise<void>) {
    super();
    this.#table = table;
    this.#check = check;
  }

  get fault(): string | undefined {
    return this.#table.fault;
  }

  create(): Promise<void> {
    return this.#table.create();
  }

  close(): void {
    this.#table.close();
  }

  protected async ready(): Promise<DynamoDBTable> {
    await this.#check();
    return this.#table;
  }
}
