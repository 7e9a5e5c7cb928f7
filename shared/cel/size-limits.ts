/**
 * How large a value may get that an expression makes. cel-go makes it first and prices it then; anything that looked at
 * a larger one would cost more than an expression may, so that none is made.
 */

import { CostLimitExceeded } from './error.ts';

/** UTF-16 code units, or bytes. */
const MAX_TEXT = 10_000_000;
const MAX_ELEMENTS = 1_000_000;

/** Throws `CostLimitExceeded`. */
export function checkTextSize(size: number): void {
  if (size > MAX_TEXT) throw new CostLimitExceeded();
}

/** Throws `CostLimitExceeded`. */
export function checkListSize(size: number): void {
  if (size > MAX_ELEMENTS) throw new CostLimitExceeded();
}
