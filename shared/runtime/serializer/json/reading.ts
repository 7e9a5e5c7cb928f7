/** Decodes nested values in a loop rather than recursively, so that decoding can be paused between any two values. */

import { type Pieces, shouldYield } from '../../../util/breathe.ts';

/** Time to yield to the event loop. */
export const PAUSE = Symbol('pause');

/** A container that is being decoded. */
export interface Reading {
  /**
   * Continues decoding. Returns a nested container to decode and `put` next, `PAUSE` now and then, and undefined when
   * done.
   */
  goOn(): Reading | typeof PAUSE | undefined;
  /** Accepts the nested value. `isFilled` means that it is known not to be empty. */
  put(value: unknown, isFilled?: boolean): void;
  /** Whether it isn't empty, which is expensive to determine for a large map. */
  readonly isFilled?: boolean;
  /** The decoded value, when done. */
  value(): unknown;
}

/** A value that has already been decoded. */
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

/** Decodes to the end. */
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
      if (shouldYield()) yield;
    }
  }
}
