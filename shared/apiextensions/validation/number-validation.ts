/**
 * Validates numbers, with the distinctions between Go's number types that upstream's messages show
 * (https://github.com/kubernetes/kube-openapi/blob/master/pkg/validation/validate/values.go). A number without a
 * fraction counts as an int64: JSON.parse doesn't distinguish `1.0` from `1`.
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { formatFloat } from '../../runtime/go-format.ts';
import type { ValidationResult } from './validation-result.ts';

const INT32_MAX = 2 ** 31 - 1;
const INT64_LIMIT = 2 ** 63;
const FLOAT32_MAX = 3.4028234663852886e38;
const MAX_JSON_INTEGER = 2 ** 53 - 1;

type NumericType = '' | 'integer' | 'number';

export interface NumberLimits {
  readonly type: NumericType;
  readonly format: string;
  readonly multipleOf: number | undefined;
  readonly maximum: number | undefined;
  readonly exclusiveMaximum: boolean;
  readonly minimum: number | undefined;
  readonly exclusiveMinimum: boolean;
}

/** The limits of most schemas, which have none. */
const UNLIMITED: NumberLimits = {
  type: '',
  format: '',
  multipleOf: undefined,
  maximum: undefined,
  exclusiveMaximum: false,
  minimum: undefined,
  exclusiveMinimum: false,
};

export function numberLimits(
  schema: JSONSchemaProps,
  types: readonly string[],
  format: string,
): NumberLimits {
  const type = types.length === 1 && (types[0] === 'integer' || types[0] === 'number') ? types[0] : '';
  const { multipleOf, maximum, minimum } = schema;
  if (type === '' && multipleOf === undefined && maximum === undefined && minimum === undefined) {
    return UNLIMITED;
  }
  return {
    type,
    format: type === '' ? '' : format,
    multipleOf: schema.multipleOf,
    maximum: schema.maximum,
    exclusiveMaximum: schema.exclusiveMaximum ?? false,
    minimum: schema.minimum,
    exclusiveMinimum: schema.exclusiveMinimum ?? false,
  };
}

/** Whether the number is an int64 in Go. Integers outside of the safe range are bigints. */
export function isInt64(value: number | bigint): boolean {
  if (typeof value === 'bigint') return value >= -(2n ** 63n) && value < 2n ** 63n;
  return Number.isSafeInteger(value);
}

/** Whether Go converts a float64 to int64 without loss, which it doesn't for -2^63. */
const isWhole = (value: number): boolean => Number.isInteger(value) && Math.abs(value) < INT64_LIMIT;

function rangeError(value: number | bigint, limits: NumberLimits, subject: string): string | undefined {
  const { type, format } = limits;
  const number = Number(value);
  let fits = true;
  if (type === 'integer') {
    fits =
      (isInt64(value) || isWhole(number)) &&
      (format !== 'int32' || (number <= INT32_MAX && number >= -INT32_MAX - 1));
  } else if (type === 'number' && format === 'float') fits = Math.abs(number) <= FLOAT32_MAX;
  if (fits) return undefined;
  const of = format === '' ? '(default format)' : `with format ${format}`;
  return `${subject} value must be of type ${type} ${of}`;
}

/** Formats a limit like Go's %v of an int64 or a float64. */
const formatLimit = (limit: number, isInteger: boolean): string =>
  isInteger ? String(BigInt(limit)) : formatFloat(limit);

/** Path, value and limits of a check. */
interface Check {
  readonly path: string;
  readonly value: number | bigint;
  readonly limits: NumberLimits;
  readonly result: ValidationResult;
}

export function validateNumber(check: Check): void {
  const { path, value, limits, result } = check;
  const range = rangeError(value, limits, 'Checked');
  if (range !== undefined) result.add({ kind: 'plain', message: `${range} in ${path}` });
  validateMultipleOf(check);
  validateBound(check, 'Minimum');
  validateBound(check, 'Maximum');
}

/** Whether limit and value are compared as integers rather than as floating point numbers. */
function comparesIntegers({ path, value, limits, result }: Check, limit: number, subject: string): boolean {
  const error = rangeError(limit, limits, subject);
  if (error !== undefined) result.add({ kind: 'plain', message: `${error} in ${path}` });
  return error === undefined && isInt64(value);
}

function validateMultipleOf(check: Check): void {
  const { path, value, limits, result } = check;
  const { multipleOf } = limits;
  if (multipleOf === undefined) return;
  const integers = comparesIntegers(check, multipleOf, 'MultipleOf');
  const factor = integers ? Math.trunc(multipleOf) : multipleOf;
  if (factor <= 0) {
    const message = `factor MultipleOf declared for ${path} must be positive: ${formatLimit(factor, integers)}`;
    result.add({ kind: 'invalid', name: path, value: factor, message });
  } else if (integers ? BigInt(value) % BigInt(factor) !== 0n : !isMultiple(Number(value), factor)) {
    const message = `${path} in body should be a multiple of ${formatLimit(factor, integers)}`;
    result.add({ kind: 'invalid', name: path, value, message });
  }
}

const isMultiple = (value: number, factor: number): boolean =>
  isNearInteger(factor < 1 ? (1 / factor) * value : value / factor);

/** Whether a number is an exactly representable integer, up to the rounding error of a division. */
export function isNearInteger(value: number): boolean {
  if (!(Math.abs(value) <= MAX_JSON_INTEGER)) return false;
  const whole = Math.trunc(value);
  if (value === whole) return true;
  return whole !== 0 && Math.abs(value - whole) / (Math.abs(value) + Math.abs(whole)) < 1e-9;
}

const BOUND_TEXT = {
  Maximum: ['less than or equal to', 'less than'],
  Minimum: ['greater than or equal to', 'greater than'],
} as const;

function validateBound(check: Check, bound: 'Maximum' | 'Minimum'): void {
  const { path, value, limits, result } = check;
  const declared = bound === 'Maximum' ? limits.maximum : limits.minimum;
  if (declared === undefined) return;
  const integers = comparesIntegers(check, declared, `${bound} boundary`);
  const limit = integers ? Math.trunc(declared) : declared;
  const exclusive = bound === 'Maximum' ? limits.exclusiveMaximum : limits.exclusiveMinimum;
  const beyond = bound === 'Maximum' ? value > limit : value < limit;
  if (!beyond && !(exclusive && value === limit)) return;
  const text = `should be ${BOUND_TEXT[bound][exclusive ? 1 : 0]} ${formatLimit(limit, integers)}`;
  result.add({ kind: 'invalid', name: path, value, message: `${path} in body ${text}` });
}
