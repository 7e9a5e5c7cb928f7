/** A table that is opened by its first call. */

import { once } from '../../util/once.ts';
import { AwaitedTable } from './awaited-table.ts';
import type { ConnectedTable } from './connected-table.ts';
import type { Item, ItemKey } from './dynamodb-table.ts';

export class LazyTable extends AwaitedTable {
  protected readonly ready: () => Promise<ConnectedTable>;
  #table: ConnectedTable | undefined;

  constructor(open: () => Promise<ConnectedTable>) {
    super();
    this.ready = once(async () => {
      this.#table = await open();
      return this.#table;
    });
  }

  get fault(): string | undefined {
    return this.#table?.fault;
  }

  /** See `ConnectedTable`. */
  async add(key: ItemKey, amounts: Readonly<Record<string, number>>): Promise<Item> {
    return (await this.ready()).add(key, amounts);
  }

  async create(): Promise<void> {
    return (await this.ready()).create();
  }

  close(): void {
    this.#table?.close();
  }
}
