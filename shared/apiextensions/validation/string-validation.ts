/**
 * Validates strings (https://github.com/kubernetes/kube-openapi/blob/master/pkg/validation/validate/validator.go,
 * `stringValidator`).
 */

import type { JSONSchemaProps } from '../../apis/apiextensions/v1/types.ts';
import { quote } from '../../runtime/go-format.ts';
import type { GoRegexp, RegexpFactory } from '../../util/regexp.ts';
import { stringFormat } from './formats/formats.ts';
import type { ValidationResult } from './validation-result.ts';

export interface StringLimits {
  /** In characters. */
  readonly minLength: number;
  readonly maxLength: number;
  readonly pattern: GoRegexp | undefined;
  readonly format: string;
  readonly matchesFormat: ((text: string) => boolean) | undefined;
}

/** The limits of most schemas, which have none. */
const UNLIMITED: StringLimits = {
  minLength: 0,
  maxLength: Number.POSITIVE_INFINITY,
  pattern: undefined,
  format: '',
  matchesFormat: undefined,
};

/** `format` is '' if it isn't validated. */
export function stringLimits(schema: JSONSchemaProps, format: string, regexp: RegexpFactory): StringLimits {
  const { minLength, maxLength, pattern } = schema;
  if (minLength === undefined && maxLength === undefined && !pattern && format === '') return UNLIMITED;
  return {
    minLength: minLength ?? UNLIMITED.minLength,
    maxLength: maxLength ?? UNLIMITED.maxLength,
    pattern: pattern ? regexp(pattern) : undefined,
    format,
    matchesFormat: format === '' ? undefined : stringFormat(format),
  };
}

/** Path, value and limits of a check. */
interface Check {
  readonly path: string;
  readonly value: string;
  readonly limits: StringLimits;
  readonly result: ValidationResult;
}

export function validateString({ path, value, limits, result }: Check): void {
  result.matchCount++;
  const add = (message: string): void =>
    result.add({ kind: 'invalid', name: path, value, message: `${path} in body ${message}` });
  const { minLength: min, maxLength: max, pattern, format, matchesFormat } = limits;
  const { length } = value;
  // A text has at most as many characters as UTF-16 code units, and at least half as many.
  if (length > max && characters(value) > max) {
    const message = `${path} in body should be at most ${max} chars long`;
    result.add({ kind: 'too-long', name: path, value, limit: max, message });
  } else if (length < min || (length < 2 * min && characters(value) < min)) {
    add(`should be at least ${min} chars long`);
  } else if (pattern !== undefined && !pattern.test(value)) {
    add(`should match '${pattern.pattern}'`);
  }
  if (matchesFormat === undefined) return;
  result.matchCount++;
  if (matchesFormat(value)) return;
  const message = `${path} in body must be of type ${format}: ${quote(value)}`;
  result.add({ kind: 'type', name: path, value, message });
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
