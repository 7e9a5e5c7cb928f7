/** Items to the SDK's form of attributes, and back. */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Attribute, Item, ItemKey } from './dynamodb-table.ts';

export function marshall(
  item: Readonly<Record<string, Attribute>> | ItemKey,
): Record<string, AttributeValue> {
  const out: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(item) as [string, Attribute][]) {
    out[name] =
      typeof value === 'string'
        ? { S: value }
        : typeof value === 'number'
          ? { N: String(value) }
          : typeof value === 'boolean'
            ? { BOOL: value }
            : { B: value };
  }
  return out;
}

export function unmarshall(values: Record<string, AttributeValue>): Item {
  const out: Record<string, Attribute> = {};
  for (const name in values) {
    const value = values[name]!;
    out[name] = value.S ?? (value.N === undefined ? (value.B ?? value.BOOL!) : Number(value.N));
  }
  return out as Item;
}
