/**
 * Limits the size of values that expressions construct. cel-go constructs a value first and charges for it afterwards;
 * any operation on a value beyond these limits would exceed the cost limit, so it is not constructed.
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
