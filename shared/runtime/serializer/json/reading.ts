/** Values within values are read by one loop, which may be left between any two of them, and needs no recursion. */

import { isTimeToLook, type Pieces } from '../../../util/breathe.ts';

/** Others may go first. */
export const PAUSE = Symbol('pause');

/** A value that holds others, while it is read. */
export interface Reading {
  /**
   * Reads on: returns an inner value that is to be read next and `put`, `PAUSE` now and then, undefined when nothing is
   * left.
   */
  goOn(): Reading | typeof PAUSE | undefined;
  /** Takes what the inner value came to; `isFilled`: it is known to hold something. */
  put(value: unknown, isFilled?: boolean): void;
  /** Whether something was read into it: of a large map that is not to be seen at once. */
  readonly isFilled?: boolean;
  /** What was read, once nothing is left. */
  value(): unknown;
}

/** Nothing is left of a value that was read at once. */
export class WasRead implements Reading {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  goOn(): undefined {
    return undefined;
  }

  put(): void {}

  value(): unknown {
    return this.#value;
  }
}

/** Reads to the end. */
export function* readInPieces(outermost: Reading): Pieces<unknown> {
  const open: Reading[] = [];
  for (let reading = outermost; ; ) {
    const inner = reading.goOn();
    if (inner === PAUSE) yield;
    else if (inner !== undefined) {
      open.push(reading);
      reading = inner;
    } else {
      const outer = open.pop();
      if (outer === undefined) return reading.value();
      outer.put(reading.value(), reading.isFilled);
      reading = outer;
      if (isTimeToLook()) yield;
    }
  }
}
