/** Amounts given as a number or percentage of pods. */

import { type FieldError, invalid, invalidEach } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isValidPercent, validateNonnegativeField } from '../../../meta/validation/values.ts';

export type IntOrString = number | string;

export function validatePositiveIntOrPercent(value: IntOrString, path: FieldPath): FieldError[] {
  if (typeof value === 'number') return validateNonnegativeField(value, path);
  return invalidEach(path, value, isValidPercent(value));
}

function percentOf(value: IntOrString): number | undefined {
  if (typeof value === 'number' || isValidPercent(value).length > 0) return undefined;
  return Number(value.slice(0, -1));
}

/** The number, without a percent sign; 0 for other text, as in Go. */
export function intOrPercentValue(value: IntOrString): number {
  const percent = percentOf(value);
  if (percent !== undefined) return percent;
  return typeof value === 'number' || /^[+-]?\d+$/.test(value) ? Number(value) : 0;
}

export function isNotMoreThan100Percent(value: IntOrString, path: FieldPath): FieldError[] {
  return (percentOf(value) ?? 0) > 100 ? [invalid(path, value, 'must not be greater than 100%')] : [];
}
