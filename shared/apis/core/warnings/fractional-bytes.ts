import type { FieldPath } from '../../../meta/field-path.ts';
import { quote } from '../../../runtime/go-format.ts';
import { Quantity } from '../../../runtime/quantity.ts';

/** Warns about a fractional number of bytes. */
export function warningsForFractionalBytes(
  list: Readonly<Record<string, string>> | undefined,
  name: string,
  path: FieldPath,
): string[] {
  const text = list?.[name];
  if (text === undefined) return [];
  const value = Quantity.parse(text);
  if (value.milliValue() % 1000n === 0n) return [];
  return [
    `${path.key(name)}: fractional byte value ${quote(value.toString())} is invalid, must be an integer`,
  ];
}
