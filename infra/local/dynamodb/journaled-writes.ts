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

type TransactItem = Readonly<Record<string, Effect>>;

/** One write, without conditions, so that applying it twice has the effect of once. */
export interface JournaledItem {
  /** Identifies the item among all tables. */
  readonly key: string;
  /** Of TransactWriteItems. */
  readonly json: string;
  /** The expression of an update. */
  readonly update: string | undefined;
}

/** One acknowledged transaction. */
export interface JournaledWrites {
  readonly items: readonly JournaledItem[];
  /** Bytes of its record, which are no fewer than DynamoDB counts. */
  readonly bytes: number;
}

/** The items of a TransactWriteItems call. `keys`: those of `keysOf`. */
export function journaledItems(input: object, keys: readonly string[] = keysOf(input)): JournaledItem[] {
  const { TransactItems } = input as { TransactItems: readonly TransactItem[] };
  return TransactItems.map((item, at) => {
    const [[kind, write]] = Object.entries(item) as [[string, Effect]];
    return {
      key: keys[at]!,
      json: JSON.stringify({ [kind]: effectOf(kind, write) }),
      update: write.UpdateExpression,
    };
  });
}

function effectOf(kind: string, write: Effect): Effect {
  const { TableName, Item, Key, UpdateExpression } = write;
  if (kind === 'Put') return { TableName, Item: Item! };
  if (kind === 'Delete') return { TableName, Key: Key! };
  const { ExpressionAttributeNames = {}, ExpressionAttributeValues = {} } = write;
  return {
    TableName,
    Key: Key!,
    UpdateExpression: UpdateExpression!,
    ExpressionAttributeNames,
    ExpressionAttributeValues,
  };
}

/** The record of a transaction, and the transaction of a record. */
export const recordOf = (items: readonly JournaledItem[]): Buffer =>
  Buffer.from(`[${items.map(({ json }) => json).join(',')}]`);
export function writesOf(record: Buffer): JournaledWrites {
  const TransactItems = JSON.parse(record.toString()) as TransactItem[];
  return { items: journaledItems({ TransactItems }), bytes: record.length };
}

/** Identifies the item that a call reads or writes, among all tables. */
export function keyOf({ TableName, Item, Key }: Keyed): string {
  const { pk, sk } = (Item ?? Key)!;
  return itemName(TableName, { pk: String(pk!.S), sk: String(sk!.S) });
}

/** The keys of the items of a TransactWriteItems call. */
export function keysOf(input: object): string[] {
  const { TransactItems } = input as { TransactItems: readonly Readonly<Record<string, Keyed>>[] };
  return TransactItems.map((item) => keyOf(Object.values(item)[0]!));
}

/** Identifies the partition of a key. */
export const partitionOf = (key: string): string => key.slice(0, key.lastIndexOf('\0'));

/**
 * The items, in JSON, of as many of these transactions, in order, as one call can apply. An item written by several of
 * them is written once, as the last one left it.
 */
export function batchOf(writes: Iterable<JournaledWrites>): {
  readonly items: string[];
  readonly count: number;
} {
  const batch = new Map<string, JournaledItem>();
  let bytes = 0;
  let count = 0;
  for (const each of writes) {
    const size = batch.size + each.items.filter(({ key }) => !batch.has(key)).length;
    if (count > 0 && (size > MAX_TRANSACTION_WRITES || bytes + each.bytes > MAX_TRANSACTION_BYTES)) break;
    if (each.items.some((item) => !replaces(item, batch.get(item.key)))) break;
    for (const item of each.items) batch.set(item.key, item);
    bytes += each.bytes;
    count++;
  }
  return { items: [...batch.values()].map(({ json }) => json), count };
}

/** Whether `later` alone has the effect of both. */
function replaces(later: JournaledItem, earlier: JournaledItem | undefined): boolean {
  return later.update === undefined || earlier === undefined || later.update === earlier.update;
}
