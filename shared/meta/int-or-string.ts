/** Counts and percentages (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/intstr/intstr.go). */

import { quote } from '../runtime/go-format.ts';

export type IntOrString = number | string;

const ATOI = /^[+-]?[0-9]+$/;

/** The number, or the number that a string holds; 0 for any other string. */
export function intValue(value: IntOrString): number {
  if (typeof value === 'number') return value;
  return ATOI.test(value) ? Number(value) : 0;
}

/**
 * A count as it is, a percentage of `total`. Throws `Error` with upstream's text for a string that is no percentage.
 */
export function scaledValueFromIntOrPercent(
  value: IntOrString | undefined,
  total: number,
  roundUp: boolean,
): number {
  if (value === undefined) throw new Error('nil value for IntOrString');
  if (typeof value === 'number') return value;
  const prefix = 'invalid value for IntOrString: ';
  if (!value.endsWith('%')) throw new Error(`${prefix}invalid type: string is not a percentage`);
  const digits = value.slice(0, -1);
  if (!ATOI.test(digits)) {
    const why = `strconv.Atoi: parsing ${quote(digits)}: invalid syntax`;
    throw new Error(`${prefix}invalid value ${quote(value)}: ${why}`);
  }
  const scaled = (Number(digits) * total) / 100;
  return roundUp ? Math.ceil(scaled) : Math.floor(scaled);
}
