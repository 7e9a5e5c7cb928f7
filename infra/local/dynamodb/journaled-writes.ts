/** Transactions in a journal: their items without conditions, and how several of them are applied in one call. */

import type { AttributeValues } from '../../../shared/storage/dynamodb/attributes.ts';
import { itemName } from '../../../shared/storage/dynamodb/connected-table.ts';
import { MAX_TRANSACTION_BYTES, MAX_TRANSACTION_WRITES } from '../../../shared/storage/dynamodb/protocol.ts';

/** The fields of a transaction's writes that take effect; conditions have been proven. */
interface Effect {
  readonly TableName: string;
  readonly Item?: AttributeValues;
  readonly Key?: AttributeValues;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: AttributeValues;
}

/** The fields of a call that identify its item. */
interface Keyed {
  readonly TableName: string;
  readonly Item?: AttributeValues | undefined;
  readonly Key?: AttributeValues | undefined;
}

export type TransactItem = Readonly<Record<string, Effect>>;

/** One acknowledged transaction. */
export interface JournaledWrites {
  readonly items: readonly TransactItem[];
  readonly bytes: number;
}

/** The writes of a transaction without their conditions, so that applying them twice has the effect of once. */
export function effectsOf(input: object): TransactItem[] {
  const { TransactItems } = input as { TransactItems: readonly TransactItem[] };
  return TransactItems.map((item) => {
    const [[kind, write]] = Object.entries(item) as [[string, Effect]];
    const { TableName, Item, Key, UpdateExpression } = write;
    if (kind === 'Put') return { Put: { TableName, Item: Item! } };
    if (kind === 'Delete') return { Delete: { TableName, Key: Key! } };
    const { ExpressionAttributeNames = {}, ExpressionAttributeValues = {} } = write;
    return {
      Update: {
        TableName,
        Key: Key!,
        UpdateExpression: UpdateExpression!,
        ExpressionAttributeNames,
        ExpressionAttributeValues,
      },
    };
  });
}

export function effectOf(item: TransactItem): Effect {
  return Object.values(item)[0]!;
}

/** Identifies the item that a call reads or writes, among all tables. */
export function keyOf({ TableName, Item, Key }: Keyed): string {
  const { pk, sk } = (Item ?? Key)!;
  return itemName(TableName, { pk: String(pk!.S), sk: String(sk!.S) });
}

/** Identifies the partition of a key. */
export const partitionOf = (key: string): string => key.slice(0, key.lastIndexOf('\0'));

/**
 * The items of as many of these transactions, in order, as one call can apply. An item written by several of them is
 * written once, as the last one left it.
 */
export function batchOf(writes: Iterable<JournaledWrites>): {
  readonly items: TransactItem[];
  readonly count: number;
} {
  const items = new Map<string, TransactItem>();
  let bytes = 0;
  let count = 0;
  for (const each of writes) {
    const keyed = each.items.map((item) => [keyOf(effectOf(item)), item] as const);
    const size = items.size + keyed.filter(([key]) => !items.has(key)).length;
    if (count > 0 && (size > MAX_TRANSACTION_WRITES || bytes + each.bytes > MAX_TRANSACTION_BYTES)) break;
    if (keyed.some(([key, item]) => !replaces(item, items.get(key)))) break;
    for (const [key, item] of keyed) items.set(key, item);
    bytes += each.bytes;
    count++;
  }
  return { items: [...items.values()], count };
}

/** Whether `later` alone has the effect of both. */
function replaces({ Update: later }: TransactItem, earlier: TransactItem | undefined): boolean {
  if (later === undefined || earlier === undefined) return true;
  return later.UpdateExpression === earlier['Update']?.UpdateExpression;
}
