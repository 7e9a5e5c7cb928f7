/** Decoders of what has no schema, or not only one. */

import { isTimeToLook, type Pieces, READ_AT_ONCE } from '../../../util/breathe.ts';
import { parseJSON } from '../../../util/exact-json.ts';
import { setOwn } from '../../../util/json.ts';
import type { UnionSchema, UntypedSchema } from '../../type-schema.ts';
import { decodeElements } from './container-decoders.ts';
import { DecodeState, UnmarshalError } from './decode-state.ts';
import { type Compile, type Decoder, type DeepDecoder, decodeValue, goTypeOf } from './decoder.ts';
import { CHAR } from './json-cursor.ts';

/** Go's `interface{}`: duplicates are found, integers kept exact. */
const anyDecoder: DeepDecoder = {
  goType: 'interface {}',
  *decodeInPieces(state) {
    return isDeep(state) ? yield* readDeep(state) : readPlain(state);
  },
  decodeNull: () => null,
  zero: () => null,
};

/** Whether a value begins here that holds others. */
function isDeep(state: DecodeState): boolean {
  const code = state.peek();
  return code === CHAR.object || code === CHAR.list;
}

function readPlain(state: DecodeState): unknown {
  if (state.peek() === CHAR.string) return state.string();
  const literal = state.literal();
  const value = parseJSON(literal);
  if (value !== Number.POSITIVE_INFINITY && value !== Number.NEGATIVE_INFINITY) return value;
  state.typeMismatch(`number ${literal}`, 'float64');
  return null;
}

function* readDeep(state: DecodeState): Pieces<unknown> {
  return state.peek() === CHAR.object ? yield* readObject(state) : yield* readList(state);
}

function* readObject(state: DecodeState): Pieces<object> {
  const object = {};
  for (state.enter(); state.more(); ) {
    const key = state.key();
    if (state.strict && Object.hasOwn(object, key)) state.duplicateField(key);
    state.push(key, undefined);
    setOwn(object, key, isDeep(state) ? yield* readDeep(state) : readPlain(state));
    state.pop();
    if (isTimeToLook()) yield;
  }
  return object;
}

function* readList(state: DecodeState): Pieces<unknown[]> {
  const list: unknown[] = [];
  for (state.enter(); state.more(); ) {
    state.push(list.length, undefined);
    list.push(isDeep(state) ? yield* readDeep(state) : readPlain(state));
    state.pop();
    if (isTimeToLook()) yield;
  }
  return list;
}

/** `parseJSON` of a text that is known to be JSON; numbers that nobody can hold become null. */
export function* parseInPieces(text: string): Pieces<unknown> {
  if (text.length <= READ_AT_ONCE) return parseJSON(text);
  return yield* decodeValue(anyDecoder, new DecodeState(text), undefined);
}

const GO_RAW_TYPES = { raw: 'runtime.RawExtension', fieldsV1: 'v1.FieldsV1', json: 'v1.JSON' } as const;

/** Kept as it is. */
function rawDecoder(type: keyof typeof GO_RAW_TYPES): Decoder {
  return {
    goType: GO_RAW_TYPES[type],
    decodeInPieces: (state) => parseInPieces(state.raw()),
    decodeNull: (_, previous) => previous ?? null,
    zero: () => null,
  };
}

const rawDecoders = { raw: rawDecoder('raw'), fieldsV1: rawDecoder('fieldsV1'), json: rawDecoder('json') };

/** The union's other form, apart from a struct; undefined for what upstream takes for nothing. */
const ALTERNATIVES: Readonly<
  Record<UnionSchema['or'], (state: DecodeState, struct: Decoder, strings: Decoder) => Pieces<unknown>>
> = {
  // biome-ignore lint/correctness/useYield: one literal
  *boolean(state) {
    const code = state.peek();
    if (code !== CHAR.true && code !== CHAR.false)
      throw new UnmarshalError('boolean or JSON schema expected');
    return state.literal() === 'true';
  },
  array: (state, struct) => decodeAlternativeList(state, struct),
  'string-array': (state, _, string) => decodeAlternativeList(state, string),
};

function* decodeAlternativeList(state: DecodeState, element: Decoder): Pieces<unknown> {
  if (state.peek() !== CHAR.list) {
    state.skip();
    return null;
  }
  const list = yield* decodeElements(state, element);
  return list.length === 0 ? null : list;
}

function unionDecoder(union: UnionSchema, compile: Compile): Decoder {
  const string = compile({ kind: 'scalar', type: 'string' });
  const read = (state: DecodeState): Pieces<unknown> => {
    const struct = compile(union.struct);
    if (state.peek() === CHAR.object) return decodeValue(struct, state, undefined);
    return ALTERNATIVES[union.or](state, struct, string);
  };
  return {
    goType: goTypeOf(union.name),
    decodeInPieces: (state) => state.unmarshaler(read(state)),
    decodeNull() {
      if (union.or === 'boolean') throw new UnmarshalError('boolean or JSON schema expected');
      return null;
    },
    zero: () => (union.or === 'boolean' ? false : null),
  };
}

export function untypedDecoder(schema: UntypedSchema, compile: Compile): Decoder {
  if (schema.union !== undefined) return unionDecoder(schema.union, compile);
  return schema.type === 'any' ? anyDecoder : rawDecoders[schema.type];
}
