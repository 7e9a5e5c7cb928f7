/**
 * Decoders of scalars. Types without a plain JSON form have decoders of their own upstream, whose errors are reproduced
 * here.
 */

import { integerOf } from '../../../util/integers.ts';
import { QuantityError } from '../../quantity.ts';
import type { ScalarType } from '../../type-schema.ts';
import { Base64Error, canonicalBase64 } from '../scalars/base64.ts';
import { formatDuration, parseDuration } from '../scalars/duration.ts';
import { canonicalQuantity } from '../scalars/quantity.ts';
import { canonicalTime, type TimeType } from '../scalars/time.ts';
import { type DecodeState, UnmarshalError } from './decode-state.ts';
import type { ScalarDecoder } from './decoder.ts';
import { CHAR } from './json-cursor.ts';

/** Skips a value of the wrong type and returns its type in Go's words, including a number's digits if `withDigits`. */
export function describe(state: DecodeState, withDigits = false): string {
  switch (state.peek()) {
    case CHAR.object:
      state.skip();
      return 'object';
    case CHAR.list:
      state.skip();
      return 'array';
    case CHAR.string:
      state.skip();
      return 'string';
    case CHAR.true:
    case CHAR.false:
      state.skip();
      return 'bool';
    default: {
      const digits = state.literal();
      return withDigits ? `number ${digits}` : 'number';
    }
  }
}

/** Null doesn't change Go's plain values. */
const keep = (_: DecodeState, previous: unknown): unknown => previous;

const stringDecoder: ScalarDecoder = {
  goType: 'string',
  decode(state, previous) {
    if (state.peek() === CHAR.string) return state.string();
    state.typeMismatch(describe(state), this.goType);
    return previous;
  },
  decodeNull: keep,
  zero: () => '',
};

const booleanDecoder: ScalarDecoder = {
  goType: 'bool',
  decode(state, previous) {
    const code = state.peek();
    if (code === CHAR.true || code === CHAR.false) return state.literal() === 'true';
    state.typeMismatch(describe(state), this.goType);
    return previous;
  },
  decodeNull: keep,
  zero: () => false,
};

const INT32_MAX = 2 ** 31 - 1;
const INT64_MAX = 2n ** 63n - 1n;

/**
 * The integer that Go's ParseInt returns for a literal, as a bigint outside of the safe range; undefined if it fails.
 */
function parseInteger(literal: string, bits: 32 | 64): number | bigint | undefined {
  const value = Number(literal);
  if (!Number.isInteger(value) || !/^-?\d+$/.test(literal)) return undefined;
  if (bits === 32) return value > INT32_MAX || value < -INT32_MAX - 1 ? undefined : value || 0;
  if (Number.isSafeInteger(value)) return value || 0;
  const exact = integerOf(literal);
  return exact === undefined || exact > INT64_MAX || exact < -INT64_MAX - 1n ? undefined : exact;
}

function integerDecoder(goType: 'int32' | 'int64'): ScalarDecoder {
  const bits = goType === 'int32' ? 32 : 64;
  return {
    goType,
    decode(state, previous) {
      const code = state.peek();
      if (code === CHAR.string || code === CHAR.object || code === CHAR.list || code >= CHAR.false) {
        state.typeMismatch(describe(state), goType);
        return previous;
      }
      const literal = state.literal();
      const value = parseInteger(literal, bits);
      if (value !== undefined) return value;
      state.typeMismatch(`number ${literal}`, goType);
      return previous;
    },
    decodeNull: keep,
    zero: () => 0,
  };
}

const doubleDecoder: ScalarDecoder = {
  goType: 'float64',
  decode(state, previous) {
    const code = state.peek();
    if (code === CHAR.string || code === CHAR.object || code === CHAR.list || code >= CHAR.false) {
      state.typeMismatch(describe(state), this.goType);
      return previous;
    }
    const literal = state.literal();
    const value = Number(literal);
    if (Number.isFinite(value)) return value;
    state.typeMismatch(`number ${literal}`, this.goType);
    return previous;
  },
  decodeNull: keep,
  zero: () => 0,
};

/** A list of bytes, which Go accepts too. */
function decodeByteList(state: DecodeState): string {
  const bytes: number[] = [];
  for (state.enter(); state.more(); ) {
    const code = state.peek();
    const isNumber = code !== CHAR.string && code !== CHAR.object && code !== CHAR.list && code < CHAR.false;
    const literal = isNumber ? state.literal() : '';
    const value = /^\d+$/.test(literal) ? Number(literal) : -1;
    if (value >= 0 && value <= 255) bytes.push(value);
    else if (code === CHAR.null) {
      state.skip();
      bytes.push(0);
    } else state.typeMismatch(isNumber ? `number ${literal}` : describe(state), 'uint8');
  }
  return Buffer.from(bytes).toString('base64');
}

const bytesDecoder: ScalarDecoder = {
  goType: '[]uint8',
  decode(state, previous) {
    if (state.peek() === CHAR.list) return decodeByteList(state);
    if (state.peek() !== CHAR.string) {
      state.typeMismatch(describe(state), this.goType);
      return previous;
    }
    try {
      return canonicalBase64(state.string());
    } catch (error) {
      if (!(error instanceof Base64Error)) throw error;
      state.typeError ??= new UnmarshalError(error.message);
      return previous;
    }
  },
  decodeNull: () => null,
  zero: () => null,
};

const quantityDecoder: ScalarDecoder = {
  goType: 'resource.Quantity',
  /** Like upstream, parses any value as text, a string without its quotes. */
  decode(state) {
    const raw = state.raw();
    try {
      return canonicalQuantity(raw.startsWith('"') ? raw.slice(1, -1).trim() : raw);
    } catch (error) {
      throw error instanceof QuantityError ? new UnmarshalError(error.message) : error;
    }
  },
  decodeNull: () => '0',
  zero: () => '0',
};

const intOrStringDecoder: ScalarDecoder = {
  goType: 'intstr.IntOrString',
  decode(state) {
    const code = state.peek();
    if (code === CHAR.string) return state.string();
    const isNumber = code !== CHAR.object && code !== CHAR.list && code < CHAR.false;
    const literal = isNumber ? state.literal() : '';
    const value = isNumber ? parseInteger(literal, 32) : undefined;
    if (value !== undefined) return value;
    throw state.mismatchError(isNumber ? `number ${literal}` : describe(state), 'int32');
  },
  decodeNull: () => 0,
  zero: () => 0,
};

function timeDecoder(type: TimeType): ScalarDecoder {
  return {
    goType: type === 'time' ? 'v1.Time' : 'v1.MicroTime',
    decode(state) {
      if (state.peek() === CHAR.string) return canonicalTime(type, state.string()) ?? undefined;
      throw state.mismatchError(describe(state), 'string');
    },
    decodeNull: () => undefined,
    zero: () => null,
  };
}

const durationDecoder: ScalarDecoder = {
  goType: 'v1.Duration',
  decode(state) {
    if (state.peek() === CHAR.string) return formatDuration(parseDuration(state.string()));
    throw state.mismatchError(describe(state), 'string');
  },
  decodeNull: () => formatDuration(parseDuration('')),
  zero: () => '0s',
};

export const scalarDecoders: Readonly<Record<ScalarType, ScalarDecoder>> = {
  string: stringDecoder,
  boolean: booleanDecoder,
  int32: integerDecoder('int32'),
  int64: integerDecoder('int64'),
  double: doubleDecoder,
  bytes: bytesDecoder,
  quantity: quantityDecoder,
  'int-or-string': intOrStringDecoder,
  time: timeDecoder('time'),
  'micro-time': timeDecoder('micro-time'),
  duration: durationDecoder,
};
