/**
 * Resolves plain YAML scalars: YAML 1.1 as implemented in Go, without base 60
 * (https://github.com/yaml/go-yaml/tree/v2).
 */

import { formatFloat } from '../../go-format.ts';

export type ScalarValue = string | number | bigint | boolean | null;

const WORDS: ReadonlyMap<string, ScalarValue> = new Map<string, ScalarValue>([
  ...(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'] as const).map(
    (word) => [word, true] as const,
  ),
  ...(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'] as const).map(
    (word) => [word, false] as const,
  ),
  ...(['', '~', 'null', 'Null', 'NULL'] as const).map((word) => [word, null] as const),
  ...(['.nan', '.NaN', '.NAN'] as const).map((word) => [word, Number.NaN] as const),
  ...(['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'] as const).map((word) => [word, Infinity] as const),
  ...(['-.inf', '-.Inf', '-.INF'] as const).map((word) => [word, -Infinity] as const),
]);

const INTEGER = /^([-+]?)(?:(0)([0-7]+)|0[oO]([0-7]+)|0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|([1-9]\d*|0))$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MIN = -(2n ** 63n);
/** The digits of a uint64 in base 2. */
const MAX_DIGITS = 64;

/** Go's ParseInt and ParseUint in any base; undefined if it isn't an integer or out of range. */
function parseInteger(text: string): number | bigint | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const [, sign, , octal, newOctal, hexadecimal, binary, decimal] = match;
  const digits =
    octal !== undefined || newOctal !== undefined
      ? `0o${octal ?? newOctal}`
      : hexadecimal !== undefined
        ? `0x${hexadecimal}`
        : binary !== undefined
          ? `0b${binary}`
          : decimal!;
  // Converting millions of digits to a number takes seconds.
  if (digits.length > MAX_DIGITS && digits.replace(/^0[box]?0*/, '').length > MAX_DIGITS) return undefined;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  if (value > UINT64_MAX || value < INT64_MIN) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number || 0 : value;
}

function parseDecimal(text: string): number | undefined {
  const value = FLOAT.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** The value of an unquoted scalar without a tag. */
export function resolveScalar(text: string): ScalarValue {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.\d]/.test(text)) return text;
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  return parseInteger(plain) ?? parseDecimal(plain) ?? text;
}

const INT64_MAX = 2n ** 63n - 1n;

/**
 * Converts a number used as a key (https://github.com/kubernetes-sigs/yaml, `convertToJSONableObject`): integers to
 * their text, others to that of a float32; a bigint beyond int64, which isn't a valid key; undefined if it isn't a
 * number.
 */
export function numberKey(text: string): string | bigint | undefined {
  if (!/^[-+.\d]/.test(text)) return undefined;
  const value = resolveScalar(text);
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const integer = parseInteger(text.replaceAll('_', ''));
  if (integer === undefined) return float32Text(Number(value));
  return integer > INT64_MAX ? BigInt(integer) : String(integer);
}

function float32Text(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf';
  if (single === 0) return formatFloat(single);
  for (let digits = 1; ; digits++) {
    const shortest = Number(single.toPrecision(digits));
    if (Math.fround(shortest) === single) return formatFloat(shortest);
  }
}
