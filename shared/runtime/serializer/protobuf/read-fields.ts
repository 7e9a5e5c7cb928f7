import type { Reader } from 'protobufjs/minimal.js';
import { ValueBudget } from '../body-budget.ts';
import { DecodingError } from '../decoding-error.ts';
import { MAX_DEPTH } from '../json/syntax-error.ts';

/** Bytes that aren't a message of the kind. */
export class ProtobufError extends DecodingError {
  override readonly name = 'ProtobufError';
}

/** Reads one field after its tag. Returns false without reading for an unknown field. */
export type ReadField = (number: number, wireType: number) => boolean;

const END_GROUP = 4;
/** Nesting depth of messages, by reader. */
const depths = new WeakMap<Reader, number>();
const budgets = new WeakMap<Reader, ValueBudget>();

/** Makes later calls of `readFields` throw `BodyBudgetError` if there are more known fields than a body may have. */
export function limitFields(reader: Reader): void {
  budgets.set(reader, new ValueBudget());
}

/**
 * Reads a message of `length` bytes field by field, skipping unknown ones. Throws `ProtobufError`, or the reader's
 * RangeError for missing bytes.
 */
export function readFields(reader: Reader, length: number, readField: ReadField): void {
  const end = reader.pos + length;
  if (end > reader.len) throw new ProtobufError('unexpected EOF');
  const depth = (depths.get(reader) ?? 0) + 1;
  if (depth > MAX_DEPTH) throw new ProtobufError('proto: exceeded max depth');
  depths.set(reader, depth);
  const budget = budgets.get(reader);
  while (reader.pos < end) {
    const tag = reader.uint32();
    const number = tag >>> 3;
    const wireType = tag & 7;
    if (number === 0) throw new ProtobufError(`proto: illegal tag ${number} (wire type ${wireType})`);
    if (wireType === END_GROUP) throw new ProtobufError('proto: wiretype end group for non-group');
    if (!readField(number, wireType)) reader.skipType(wireType);
    else budget?.spend();
  }
  if (reader.pos > end) throw new ProtobufError('unexpected EOF');
  depths.set(reader, depth - 1);
}

/** Reads a message prefixed by its length. */
export function readMessage(reader: Reader, readField: ReadField): void {
  readFields(reader, reader.uint32(), readField);
}

/** Throws `ProtobufError` if a known field has a different wire type. */
export function requireWireType(actual: number, expected: number, field: string): void {
  if (actual !== expected) throw new ProtobufError(`proto: wrong wireType = ${actual} for field ${field}`);
}
