/** Decoders of values without a schema, and of unions. */

import { type Pieces, READ_AT_ONCE, shouldYield } from '../../../util/breathe.ts';
import { parseJSON } from '../../../util/exact-json.ts';
import { setOwn } from '../../../util/json.ts';
import type { UnionSchema, UntypedSchema } from '../../type-schema.ts';
import { ListReading } from './container-decoders.ts';
import { DecodeState, UnmarshalError } from './decode-state.ts';
import { begin, type Compile, type Decoder, type DeepDecoder, goTypeOf } from './decoder.ts';
import { CHAR } from './json-cursor.ts';
import { PAUSE, type Reading, readInPieces, WasRead } from './reading.ts';

/** Go's `interface{}`: reports duplicate fields and keeps integers exact. */
const anyDecoder: DeepDecoder = {
  goType: 'interface {}',
  begin: (state) => (isDeep(state) ? beginDeep(state) : new WasRead(readPlain(state))),
  decodeNull: () => null,
  zero: () => null,
};

/** Whether the value at the current position is a container. */
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

function beginDeep(state: DecodeState): Reading {
  return state.peek() === CHAR.object ? new AnyObjectReading(state) : new AnyListReading(state);
}

class AnyObjectReading implements Reading {
  readonly #state: DecodeState;
  readonly #object = {};
  #key = '';

  constructor(state: DecodeState) {
    this.#state = state;
    state.enter();
  }

  goOn(): Reading | typeof PAUSE | undefined {
    const state = this.#state;
    while (state.more()) {
      this.#key = state.key();
      if (state.strict && Object.hasOwn(this.#object, this.#key)) state.duplicateField(this.#key);
      state.push(this.#key, undefined);
      if (isDeep(state)) return beginDeep(state);
      this.put(readPlain(state));
      if (shouldYield()) return PAUSE;
    }
    return undefined;
  }

  put(value: unknown): void {
    setOwn(this.#object, this.#key, value);
    this.#state.pop();
  }

  value(): object {
    return this.#object;
  }
}

class AnyListReading implements Reading {
  readonly #state: DecodeState;
  readonly #list: unknown[] = [];

  constructor(state: DecodeState) {
    this.#state = state;
    state.enter();
  }

  goOn(): Reading | typeof PAUSE | undefined {
    const state = this.#state;
    while (state.more()) {
      state.push(this.#list.length, undefined);
      if (isDeep(state)) return beginDeep(state);
      this.put(readPlain(state));
      if (shouldYield()) return PAUSE;
    }
    return undefined;
  }

  put(value: unknown): void {
    this.#list.push(value);
    this.#state.pop();
  }

  value(): unknown[] {
    return this.#list;
  }
}

/** Requires valid JSON. Numbers beyond the range of doubles become null. */
function beginText(text: string): Reading {
  if (text.length <= READ_AT_ONCE) return new WasRead(parseJSON(text));
  return begin(anyDecoder, new DecodeState(text));
}

/** `parseJSON` for valid JSON, in pieces. Numbers beyond the range of doubles become null. */
export function* parseInPieces(text: string): Pieces<unknown> {
  return yield* readInPieces(beginText(text));
}

const GO_RAW_TYPES = { raw: 'runtime.RawExtension', fieldsV1: 'v1.FieldsV1', json: 'v1.JSON' } as const;

const MAY_BE_FAR = /\d[eE]|\d{300}/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** Conversion decodes what `v1.JSON` keeps as text; no double holds every number. */
function checkNumbers(text: string): void {
  if (!MAY_BE_FAR.test(text)) return;
  for (const [literal] of text.matchAll(STRING_OR_NUMBER)) {
    if (literal.startsWith('"') || Number.isFinite(Number(literal))) continue;
    throw new UnmarshalError(`json: cannot unmarshal number ${literal} into Go value of type float64`);
  }
}

/** Keeps the value unchanged. */
function rawDecoder(type: keyof typeof GO_RAW_TYPES): Decoder {
  return {
    goType: GO_RAW_TYPES[type],
    begin(state) {
      const text = state.raw();
      if (type === 'json') checkNumbers(text);
      return beginText(text);
    },
    decodeNull: (_, previous) => previous ?? null,
    zero: () => null,
  };
}

const rawDecoders = { raw: rawDecoder('raw'), fieldsV1: rawDecoder('fieldsV1'), json: rawDecoder('json') };

/** The union's form other than a struct; null for values that upstream treats as unset. */
const ALTERNATIVES: Readonly<
  Record<UnionSchema['or'], (state: DecodeState, struct: Decoder, strings: Decoder) => Reading>
> = {
  boolean(state) {
    const code = state.peek();
    if (code !== CHAR.true && code !== CHAR.false)
      throw new UnmarshalError('boolean or JSON schema expected');
    return new WasRead(state.literal() === 'true');
  },
  array: (state, struct) => beginAlternativeList(state, struct),
  'string-array': (state, _, string) => beginAlternativeList(state, string),
};

function beginAlternativeList(state: DecodeState, element: Decoder): Reading {
  if (state.peek() === CHAR.list) return new ListReading(state, element);
  state.skip();
  return new WasRead(null);
}

/** A value decoded by its type's own decoder. */
class UnmarshalerReading implements Reading {
  readonly #end: () => void;
  #inner: Reading | undefined;
  #value: unknown;

  constructor(state: DecodeState, beginInner: () => Reading) {
    this.#end = state.beginUnmarshaler();
    this.#inner = beginInner();
  }

  goOn(): Reading | undefined {
    const inner = this.#inner;
    this.#inner = undefined;
    return inner;
  }

  put(value: unknown): void {
    this.#end();
    // An empty list counts as unset.
    this.#value = Array.isArray(value) && value.length === 0 ? null : value;
  }

  value(): unknown {
    return this.#value;
  }
}

function unionDecoder(union: UnionSchema, compile: Compile): Decoder {
  const string = compile({ kind: 'scalar', type: 'string' });
  const beginUnion = (state: DecodeState): Reading => {
    const struct = compile(union.struct);
    if (state.peek() === CHAR.object) return begin(struct, state);
    return ALTERNATIVES[union.or](state, struct, string);
  };
  return {
    goType: goTypeOf(union.name),
    begin: (state) => new UnmarshalerReading(state, () => beginUnion(state)),
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
