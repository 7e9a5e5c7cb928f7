/** `"%s is %d".format([...])` (https://github.com/google/cel-go/blob/master/ext/formatting.go). */

import { formatExponential, formatFixed, formatFloat, quote } from '../../runtime/go-format.ts';
import { CelError } from '../error.ts';
import { checkTextSize } from '../size-limits.ts';
import { CelType } from '../type.ts';
import { Duration, ListValue, MapValue, Timestamp, typeOf, Uint, type Value } from '../value.ts';
import { expandFormat, FORMATTING, FormatError, unfit, type Verb } from './format-template.ts';
import { formatDuration, formatTimestamp } from './time.ts';

const DEFAULT_PRECISION = 6;

function refuse(verb: Verb, value: Value): never {
  throw new FormatError(unfit(verb, typeOf(value).name));
}

function list(values: ListValue): string {
  return `[${[...values].map(nested).join(', ')}]`;
}

function map(values: MapValue): string {
  const entries = [...values.keys()].map((key) => [nested(key), nested(values.find(key)!)] as const);
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${sorted.map(([key, value]) => `${key}:${value}`).join(', ')}}`;
}

/** Formats an element of a list or a map: strings are quoted, times are labelled. */
function nested(value: Value): string {
  if (typeof value === 'string') return quote(value);
  if (value instanceof Uint8Array) return `b${quote(text(value))}`;
  if (value instanceof Timestamp) return `timestamp(${quote(text(value))})`;
  if (value instanceof Duration) return `duration(${quote(text(value))})`;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? formatFixed(value, DEFAULT_PRECISION) : quote(formatFloat(value));
  }
  return text(value);
}

/** `%s` */
function text(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return formatFloat(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof ListValue) return list(value);
  if (value instanceof MapValue) return map(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof CelType) return value.name;
  return refuse('s', value);
}

function integer(value: Value): bigint | undefined {
  return typeof value === 'bigint' ? value : value instanceof Uint ? value.value : undefined;
}

function decimal(value: Value): string {
  return String(integer(value) ?? refuse('d', value));
}

const EXCEPTIONS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function double(value: Value, verb: Verb): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && Object.hasOwn(EXCEPTIONS, value)) return EXCEPTIONS[value]!;
  return refuse(verb, value);
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return undefined;
  return value > 0 ? '∞' : '-∞';
}

/** Digits grouped by thousands, as in English. */
function fixed(value: Value, precision: number): string {
  const number = double(value, 'f');
  const odd = special(number);
  if (odd !== undefined) return odd;
  const [whole, fraction] = formatFixed(number, precision).split('.') as [string, string?];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Six digits whatever precision the clause has, as upstream prints it. */
function scientific(value: Value): string {
  const number = double(value, 'e');
  const odd = special(number);
  if (odd !== undefined) return odd;
  const [mantissa, exponent] = formatExponential(number, DEFAULT_PRECISION).split('e') as [string, string];
  return `${mantissa}×10${superscript(exponent)}`;
}

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  '+': '',
  '-': '⁻',
  0: '⁰',
  1: '¹',
  2: '²',
  3: '³',
  4: '⁴',
  5: '⁵',
  6: '⁶',
  7: '⁷',
  8: '⁸',
  9: '⁹',
};

function superscript(exponent: string): string {
  const padded = `${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
  return [...padded].map((char) => SUPERSCRIPTS[char]).join('');
}

function binary(value: Value): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return (integer(value) ?? refuse('b', value)).toString(2);
}

function octal(value: Value): string {
  return (integer(value) ?? refuse('o', value)).toString(8);
}

function hexadecimal(value: Value): string {
  if (typeof value === 'string' || value instanceof Uint8Array)
    return Buffer.from(value as string).toString('hex');
  const number = integer(value);
  return (number ?? refuse('x', value)).toString(16);
}

const CLAUSES: Readonly<Record<Verb, (value: Value, precision: number) => string>> = {
  s: text,
  d: decimal,
  f: fixed,
  e: scientific,
  b: binary,
  o: octal,
  x: hexadecimal,
  X: (value) => hexadecimal(value).toUpperCase(),
};

export function formatString(template: string, args: ListValue): Value {
  let size = template.length;
  try {
    return expandFormat(template, args.size, ({ verb, precision }, index) => {
      try {
        const clause = CLAUSES[verb](args.get(index), precision ?? DEFAULT_PRECISION);
        size += clause.length;
        checkTextSize(size);
        return clause;
      } catch (error) {
        throw error instanceof FormatError ? error.within(FORMATTING) : error;
      }
    });
  } catch (error) {
    if (error instanceof FormatError) return new CelError(error.message);
    throw error;
  }
}
