/** Rules for ports, ids, percentages and headers (apimachinery `pkg/util/validation/validation.go`). */

import type { FieldError } from '../field-error.ts';
import { invalid } from '../field-error.ts';
import type { FieldPath } from '../field-path.ts';
import {
  byteLength,
  EMPTY_ERROR,
  IS_NEGATIVE_ERROR,
  inclusiveRangeError,
  maxLenError,
  regexError,
} from './format.ts';

const MAX_INT32 = 2 ** 31 - 1;

const PERCENT = '[0-9]+%';
const PERCENT_REGEX = new RegExp(`^${PERCENT}$`);
const HTTP_HEADER_NAME = '[-A-Za-z0-9]+';
const HTTP_HEADER_NAME_REGEX = new RegExp(`^${HTTP_HEADER_NAME}$`);

function isInRange(value: number, min: number, max: number): string[] {
  return value >= min && value <= max ? [] : [inclusiveRangeError(min, max)];
}

export function isValidPortNum(port: number): string[] {
  return isInRange(port, 1, 65535);
}

export function isValidGroupID(gid: number): string[] {
  return isInRange(gid, 0, MAX_INT32);
}

export function isValidUserID(uid: number): string[] {
  return isInRange(uid, 0, MAX_INT32);
}

export function isValidPortName(port: string): string[] {
  const errors: string[] = [];
  if (byteLength(port) > 15) errors.push(maxLenError(15));
  if (!/^[-a-z0-9]+$/.test(port)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(port)) errors.push('must contain at least one letter (a-z)');
  if (port.includes('--')) errors.push('must not contain consecutive hyphens');
  if (port.startsWith('-') || port.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

export function isValidPercent(percent: string): string[] {
  if (PERCENT_REGEX.test(percent)) return [];
  const message = "a valid percent string must be a numeric string followed by an ending '%'";
  return [regexError(message, PERCENT, '1%', '93%')];
}

export function isHTTPHeaderName(value: string): string[] {
  if (HTTP_HEADER_NAME_REGEX.test(value)) return [];
  const message = "a valid HTTP header must consist of alphanumeric characters or '-'";
  return [regexError(message, HTTP_HEADER_NAME, 'X-Header-Name')];
}

export function validateNonnegativeField(value: number | undefined, path: FieldPath): FieldError[] {
  return value !== undefined && value < 0 ? [invalid(path, value, IS_NEGATIVE_ERROR)] : [];
}

/** Integers in decimal notation without a plus sign or leading zeros. */
export function isDecimalInteger(value: string): string[] {
  if (value === '') return [EMPTY_ERROR];
  return /^(?:0|-?[1-9][0-9]*)$/.test(value) ? [] : ['must be a valid decimal integer in canonical form'];
}
