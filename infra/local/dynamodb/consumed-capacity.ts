/**
 * Computes the units that DynamoDB would bill for a call, for an emulator that doesn't report them, from the call and
 * its response. The size of a replaced item is unknown: it counts as no larger than the new one.
 */

import type { AttributeValues } from '../../../shared/storage/dynamodb/attributes.ts';
import type { Answer, Operation } from '../../../shared/storage/dynamodb/connection.ts';

const READ_UNIT = 4096;
const WRITE_UNIT = 1024;

/** The fields read from a call's input. */
interface Input {
  readonly ConsistentRead?: boolean;
  readonly Item?: AttributeValues;
  readonly TransactItems?: readonly Readonly<Record<string, Input>>[];
}

/** Request units of a successful call. */
export function consumedCapacity(operation: Operation, input: Input, answer: Answer): number {
  if (operation === 'GetItem' || operation === 'Query') {
    const items = answer.Items ?? [answer.Item ?? {}];
    const bytes = items.reduce((sum, item) => sum + sizeOf(item), 0);
    return units(bytes, READ_UNIT) * (input.ConsistentRead === true ? 1 : 0.5);
  }
  if (operation === 'TransactWriteItems') {
    const writes = (input.TransactItems ?? []).flatMap((write) => Object.values(write));
    return 2 * writes.reduce((sum, write) => sum + units(sizeOf(write.Item ?? {}), WRITE_UNIT), 0);
  }
  return units(sizeOf(input.Item ?? answer.Attributes ?? {}), WRITE_UNIT);
}

function units(bytes: number, size: number): number {
  return Math.max(1, Math.ceil(bytes / size));
}

/** Bytes of an item, as DynamoDB counts them. */
export function sizeOf(item: AttributeValues): number {
  let bytes = 0;
  for (const [name, { S, N, B }] of Object.entries(item)) {
    bytes += Buffer.byteLength(name) + (S === undefined ? 0 : Buffer.byteLength(S));
    if (N !== undefined) bytes += Math.ceil(N.length / 2) + 1;
    else if (B !== undefined) bytes += Buffer.byteLength(B as string, 'base64');
    else if (S === undefined) bytes += 1;
  }
  return bytes;
}
