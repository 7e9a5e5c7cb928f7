/** Converts items to the form of DynamoDB's API and back. */

import type { Attribute, Item, ItemKey } from './dynamodb-table.ts';

/** One attribute in DynamoDB's JSON; the connection decides how `B` is represented. */
interface AttributeValue {
  S?: string;
  N?: string;
  BOOL?: boolean;
  B?: unknown;
}

export type AttributeValues = Record<string, AttributeValue>;

/** Representation of binary values. */
export interface BytesCodec {
  encode(bytes: Uint8Array): unknown;
  decode(value: unknown): Uint8Array;
}

/** Base64, as in DynamoDB's JSON. */
export const BASE64: BytesCodec = {
  encode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
  decode: (value) => Buffer.from(value as string, 'base64'),
};

export function marshall(
  item: Readonly<Record<string, Attribute>> | ItemKey,
  bytes: BytesCodec,
): AttributeValues {
  const out: AttributeValues = {};
  for (const [name, value] of Object.entries(item) as [string, Attribute][]) {
    out[name] =
      typeof value === 'string'
        ? { S: value }
        : typeof value === 'number'
          ? { N: String(value) }
          : typeof value === 'boolean'
            ? { BOOL: value }
            : { B: bytes.encode(value) };
  }
  return out;
}

export function unmarshall(values: AttributeValues, bytes: BytesCodec): Item {
  const out: Record<string, Attribute> = {};
  for (const name in values) {
    const { S, N, B, BOOL } = values[name]!;
    out[name] = S ?? (N === undefined ? (B === undefined ? BOOL! : bytes.decode(B)) : Number(N));
  }
  return out as Item;
}
