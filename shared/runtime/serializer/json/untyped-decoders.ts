/** Decoders of what has no schema, or not only one. */

import { parseJSON } from '../../../util/exact-json.ts';
import { setOwn } from '../../../util/json.ts';
import type { UnionSchema, UntypedSchema } from '../../type-schema.ts';
import { decodeElement } from './container-decoders.ts';
import { type DecodeState, UnmarshalError } from './decode-state.ts';
import { type Compile, type Decoder, goTypeOf } from './decoder.ts';
import { CHAR } from './json-cursor.ts';

/** Go's `interface{}`: duplicates are found, integers kept exact. */
const anyDecoder: Decoder = {
  goType: 'interface {}',
  decode(state) {
    switch (state.peek()) {
      case CHAR.object:
        return decodeObject(state);
      case CHAR.list:
        return decodeList(state);
      case CHAR.string:
        return state.string();
      default: {
        const literal = state.literal();
        const value = parseJSON(literal);
        if (value !== Number.POSITIVE_INFINITY && value !== Number.NEGATIVE_INFINITY) return value;
        state.typeMismatch(`number ${literal}`, 'float64');
        return null;
      }
    }
  },
  decodeNull: () => null,
  zero: () => null,
};

function decodeObject(state: DecodeState): object {
  const object = {};
  for (state.enter(); state.more(); ) {
    const key = state.key();
    if (state.strict && Object.hasOwn(object, key)) state.duplicateField(key);
    state.push(key, undefined);
    setOwn(object, key, anyDecoder.decode(state, undefined));
    state.pop();
  }
  return object;
}

function decodeList(state: DecodeState): unknown[] {
  const list: unknown[] = [];
  for (state.enter(); state.more(); ) {
    state.push(list.length, undefined);
    list.push(anyDecoder.decode(state, undefined));
    state.pop();
  }
  return list;
}

const GO_RAW_TYPES = { raw: 'runtime.RawExtension', fieldsV1: 'v1.FieldsV1', json: 'v1.JSON' } as const;

/** Kept as it is. */
function rawDecoder(type: keyof typeof GO_RAW_TYPES): Decoder {
  return {
    goType: GO_RAW_TYPES[type],
    decode: (state) => parseJSON(state.raw()),
    decodeNull: (_, previous) => previous ?? null,
    zero: () => null,
  };
}

const rawDecoders = { raw: rawDecoder('raw'), fieldsV1: rawDecoder('fieldsV1'), json: rawDecoder('json') };

/** The union's other form, apart from a struct; undefined for what upstream takes for nothing. */
const ALTERNATIVES: Readonly<
  Record<UnionSchema['or'], (state: DecodeState, struct: Decoder, strings: Decoder) => unknown>
> = {
  boolean(state) {
    const code = state.peek();
    if (code !== CHAR.true && code !== CHAR.false)
      throw new UnmarshalError('boolean or JSON schema expected');
    return state.literal() === 'true';
  },
  array: (state, struct) => decodeAlternativeList(state, struct),
  'string-array': (state, _, string) => decodeAlternativeList(state, string),
};

function decodeAlternativeList(state: DecodeState, element: Decoder): unknown {
  if (state.peek() !== CHAR.list) {
    state.skip();
    return null;
  }
  const list: unknown[] = [];
  for (state.enter(); state.more(); ) list.push(decodeElement(state, element));
  return list.length === 0 ? null : list;
}

function unionDecoder(union: UnionSchema, compile: Compile): Decoder {
  const string = compile({ kind: 'scalar', type: 'string' });
  return {
    goType: goTypeOf(union.name),
    decode: (state) =>
      state.unmarshaler(() => {
        const struct = compile(union.struct);
        if (state.peek() === CHAR.object) return struct.decode(state, undefined);
        return ALTERNATIVES[union.or](state, struct, string);
      }),
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
