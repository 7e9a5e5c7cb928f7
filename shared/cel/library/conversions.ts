/** `int(x)`, `string(x)` and the like. */

import { formatFloat } from '../../runtime/go-format.ts';
import { integerOf } from '../../util/integers.ts';
import { parseBool } from '../../util/parse-bool.ts';
import type { FunctionDeclaration } from '../declaration.ts';
import { CelError } from '../error.ts';
import { BOOL, BYTES, type CelType, DOUBLE, DURATION, INT, STRING, TIMESTAMP, UINT } from '../type.ts';
import { Duration, isInt64, isUint64, type Timestamp, Uint, type Value } from '../value.ts';
import { int, uint } from './operators.ts';
import {
  epochSeconds,
  formatDuration,
  formatTimestamp,
  parseDuration,
  parseRFC3339,
  timestamp,
  writtenOffset,
} from './time.ts';

function unconvertible(to: CelType): CelError {
  return new CelError(`type conversion error from 'string' to '${to.name}'`);
}

function parseInt64(text: string): Value {
  if (!/^[+-]?\d+$/.test(text)) return unconvertible(INT);
  const value = integerOf(text);
  return value !== undefined && isInt64(value) ? value : unconvertible(INT);
}

function parseUint64(text: string): Value {
  if (!/^\d+$/.test(text)) return unconvertible(UINT);
  const value = integerOf(text);
  return value !== undefined && isUint64(value) ? new Uint(value) : unconvertible(UINT);
}

function parseDouble(text: string): Value {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) {
    if (special[2]!.toLowerCase() === 'nan') return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!/^[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return unconvertible(DOUBLE);
  const value = Number(text);
  return Number.isFinite(value) ? value : unconvertible(DOUBLE);
}

const stringToBool = (text: string): Value => parseBool(text) ?? unconvertible(BOOL);

function doubleToInt(value: number): Value {
  const fits = value > -(2 ** 63) && value < 2 ** 63;
  return fits ? BigInt(Math.trunc(value)) : new CelError('integer overflow');
}

function doubleToUint(value: number): Value {
  const fits = value >= 0 && value < 2 ** 64;
  return fits ? new Uint(BigInt(Math.trunc(value))) : new CelError('unsigned integer overflow');
}

function bytesToString(value: Uint8Array): Value {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

function stringToTimestamp(text: string): Value {
  const nanos = parseRFC3339(text);
  return nanos === undefined ? unconvertible(TIMESTAMP) : timestamp(nanos, writtenOffset(text));
}

function stringToDuration(text: string): Value {
  const nanos = parseDuration(text);
  return nanos === undefined ? unconvertible(DURATION) : new Duration(nanos);
}

const same = (value: Value): Value => value;

type Row = readonly [id: string, from: CelType, call: (value: never) => Value];

function conversion(name: string, to: CelType, rows: readonly Row[]): FunctionDeclaration {
  return {
    name,
    overloads: rows.map(([id, from, call]) => ({ id, member: false, args: [from], result: to, call })),
  };
}

export const CONVERSIONS: readonly FunctionDeclaration[] = [
  conversion('bool', BOOL, [
    ['bool_to_bool', BOOL, same],
    ['string_to_bool', STRING, stringToBool],
  ]),
  conversion('bytes', BYTES, [
    ['bytes_to_bytes', BYTES, same],
    ['string_to_bytes', STRING, (value: string) => new TextEncoder().encode(value)],
  ]),
  conversion('double', DOUBLE, [
    ['double_to_double', DOUBLE, same],
    ['int64_to_double', INT, (value: bigint) => Number(value)],
    ['string_to_double', STRING, parseDouble],
    ['uint64_to_double', UINT, (value: Uint) => Number(value.value)],
  ]),
  conversion('duration', DURATION, [
    ['duration_to_duration', DURATION, same],
    ['string_to_duration', STRING, stringToDuration],
  ]),
  conversion('int', INT, [
    ['int64_to_int64', INT, same],
    ['double_to_int64', DOUBLE, doubleToInt],
    ['duration_to_int64', DURATION, (value: Duration) => value.nanos],
    ['string_to_int64', STRING, parseInt64],
    ['timestamp_to_int64', TIMESTAMP, epochSeconds],
    ['uint64_to_int64', UINT, (value: Uint) => int(value.value)],
  ]),
  conversion('string', STRING, [
    ['string_to_string', STRING, same],
    ['bool_to_string', BOOL, (value: boolean) => String(value)],
    ['bytes_to_string', BYTES, bytesToString],
    ['double_to_string', DOUBLE, formatFloat],
    ['duration_to_string', DURATION, formatDuration],
    ['int64_to_string', INT, (value: bigint) => String(value)],
    ['timestamp_to_string', TIMESTAMP, (value: Timestamp) => formatTimestamp(value)],
    ['uint64_to_string', UINT, (value: Uint) => String(value.value)],
  ]),
  conversion('timestamp', TIMESTAMP, [
    ['timestamp_to_timestamp', TIMESTAMP, same],
    ['int64_to_timestamp', INT, (value: bigint) => timestamp(value * 1_000_000_000n)],
    ['string_to_timestamp', STRING, stringToTimestamp],
  ]),
  conversion('uint', UINT, [
    ['uint64_to_uint64', UINT, same],
    ['double_to_uint64', DOUBLE, doubleToUint],
    ['int64_to_uint64', INT, uint],
    ['string_to_uint64', STRING, parseUint64],
  ]),
];
