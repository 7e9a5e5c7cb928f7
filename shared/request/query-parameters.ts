/**
 * Typed query parameters (https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/converter.go and
 * conversion.go).
 */

import { newBadRequest } from '../meta/status-error.ts';
import { quote } from '../runtime/go-format.ts';
import { integerOf } from '../util/integers.ts';

/** Matches parameters that Go's `url.ParseQuery` drops. */
const BAD_PARAMETER = /;|%(?![0-9a-fA-F]{2})/;

/** Parses a query without its `?`. Parameters that are badly encoded or contain a semicolon are left out. */
export function parseQuery(text: string): URLSearchParams {
  const parameters = BAD_PARAMETER.test(text)
    ? text
        .split('&')
        .filter((parameter) => !BAD_PARAMETER.test(parameter))
        .join('&')
    : text;
  // URLSearchParams would strip a single leading question mark.
  return new URLSearchParams(parameters.startsWith('?') ? `&${parameters}` : parameters);
}

const INT64_MAX = 2n ** 63n - 1n;

/** Whether the parameter is present and neither `false` nor `0`. */
export function booleanParameter(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value.toLowerCase() !== 'false' && value !== '0';
}

export function optionalBooleanParameter(query: URLSearchParams, name: string): boolean | undefined {
  return query.has(name) ? booleanParameter(query, name) : undefined;
}

/** Throws BadRequest with Go's message. Values beyond 2^53 lose precision. */
export function integerParameter(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (!/^[+-]?\d+$/.test(value)) {
    throw newBadRequest(`strconv.ParseInt: parsing ${quote(value)}: invalid syntax`);
  }
  const integer = integerOf(value);
  if (integer === undefined || integer > INT64_MAX || integer < -INT64_MAX - 1n) {
    throw newBadRequest(`strconv.ParseInt: parsing ${quote(value)}: value out of range`);
  }
  return Number(integer);
}

export function stringParameter(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) ?? undefined;
}
