/**
 * The list of resources that were ever written to: each is listed before its first revision is taken. In tables where
 * the list was kept from the start, an unlisted resource has no objects, so one read tells of any number of resources.
 */

import type { Clock } from '../../util/clock.ts';
import type { DynamoDBTable } from './dynamodb-table.ts';
import { FIRST_KEY, LAST_KEY, LISTS_ALL, RESOURCES } from './layout.ts';
import type { Protocol } from './protocol.ts';
import { queryItems } from './query-items.ts';
import { retry } from './retry.ts';

export interface WrittenResourcesOptions {
  readonly table: DynamoDBTable;
  readonly clock: Clock;
  readonly protocol: Protocol;
}

export class WrittenResources {
  readonly #options: WrittenResourcesOptions;

  constructor(options: WrittenResourcesOptions) {
    this.#options = options;
  }

  /** Must be called before the first revision of a resource is taken. Rejects with `TableError`. */
  async list(resourcePrefix: string): Promise<void> {
    const put = { pk: RESOURCES, sk: resourcePrefix };
    await retry(this.#options, () => this.#options.table.write({ put }));
  }

  /**
   * Prefixes of all resources written to so far; undefined if the list may be incomplete. Rejects with StorageError.
   */
  async read(): Promise<ReadonlySet<string> | undefined> {
    const { table, clock, protocol } = this.#options;
    const query = { pk: RESOURCES, from: FIRST_KEY, to: LAST_KEY, consistent: true };
    const written = new Set<string>();
    for await (const { sk } of queryItems(table, query, { clock, protocol })) written.add(sk);
    return written.delete(LISTS_ALL.sk) ? written : undefined;
  }
}
