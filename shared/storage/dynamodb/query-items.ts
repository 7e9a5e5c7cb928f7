import type { DynamoDBTable, Item, Query } from './dynamodb-table.ts';
import { type Retrier, retry } from './retry.ts';

/** All items of a query, page by page. With a retrier, pages are retried, and it rejects with StorageError. */
export async function* queryItems(
  table: Pick<DynamoDBTable, 'query'>,
  query: Omit<Query, 'startAfter'>,
  retrier?: Retrier,
): AsyncGenerator<Item> {
  let startAfter: string | undefined;
  do {
    const ask = () => table.query({ ...query, startAfter });
    const page = await (retrier === undefined ? ask() : retry(retrier, ask));
    yield* page.items;
    startAfter = page.lastKey;
  } while (startAfter !== undefined);
}
