/**
 * Encodes JSON values as CBOR: strings as byte strings, base64 as the bytes it represents, keys sorted
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/serializer/cbor/internal/modes/encode.go).
 */

import { encode, Token, Type } from 'cborg';
import type { TypeSchema } from '../../type-schema.ts';

type Tokens = Token | Tokens[];

/** Expected later conversion to base64: `[]byte` in Go. */
const BASE64_TAG = 22;
const ANY: TypeSchema = { kind: 'untyped', type: 'any' };

function text(value: string): Token {
  return new Token(Type.bytes, Buffer.from(value));
}

/** The range of Go's int64. */
const isInteger = (value: number | bigint): boolean =>
  typeof value === 'bigint' || (Number.isInteger(value) && Math.abs(value) < 2 ** 63);

function number(value: number | bigint, isFloat: boolean): Token {
  if (isFloat || !isInteger(value)) return new Token(Type.float, value);
  return new Token(value < 0 ? Type.negint : Type.uint, value);
}

function scalar(value: unknown, schema: TypeSchema): Tokens {
  const type = schema.kind === 'scalar' ? schema.type : undefined;
  switch (typeof value) {
    case 'string':
      if (type !== 'bytes') return text(value);
      return [new Token(Type.tag, BASE64_TAG), new Token(Type.bytes, Buffer.from(value, 'base64'))];
    case 'number':
    case 'bigint':
      return number(value, type === 'double');
    case 'boolean':
      return new Token(value ? Type.true : Type.false, value);
    default:
      return new Token(Type.null, null);
  }
}

/** The schema of a member, as far as encoding needs it. */
function memberSchema(schema: TypeSchema, key: string): TypeSchema {
  if (schema.kind === 'map') return schema.element;
  if (schema.kind === 'struct') return schema.fields.get(key)?.schema ?? ANY;
  if (schema.kind === 'untyped' && schema.union) return memberSchema(schema.union.struct, key);
  return ANY;
}

function elementSchema(schema: TypeSchema): TypeSchema {
  if (schema.kind === 'list') return schema.element;
  if (schema.kind === 'untyped' && schema.union?.or === 'array') return schema.union.struct;
  return ANY;
}

function map(value: object, schema: TypeSchema): Tokens {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => ({ key: Buffer.from(key), member: tokensOf(member, memberSchema(schema, key)) }));
  members.sort((left, right) => left.key.length - right.key.length || left.key.compare(right.key));
  return [
    new Token(Type.map, members.length),
    ...members.map(({ key, member }): Tokens => [new Token(Type.bytes, key), member]),
  ];
}

function tokensOf(value: unknown, schema: TypeSchema): Tokens {
  if (typeof value !== 'object' || value === null) return scalar(value, schema);
  if (!Array.isArray(value)) return map(value, schema);
  return [
    new Token(Type.array, value.length),
    ...value.map((element) => tokensOf(element, elementSchema(schema))),
  ];
}

/** Marks a value that has been converted to tokens, which cborg then encodes. */
const WRAPPED = Symbol('tokens');

export function encodeCBOR(value: unknown, schema: TypeSchema = ANY): Uint8Array {
  const wrapped = { [WRAPPED]: tokensOf(value, schema) };
  return encode(wrapped, {
    typeEncoders: { Object: (object: typeof wrapped) => object[WRAPPED] as never },
  });
}
