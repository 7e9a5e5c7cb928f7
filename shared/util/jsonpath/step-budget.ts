import { JSONPathError } from './node.ts';

/** Values visited: more than any practical expression needs on an object of the maximum size. */
const MAX_STEPS = 200_000;
/** Characters that can be written in the time of one step. */
const CHARACTERS_PER_STEP = 16;

/**
 * Limits the cost of expressions: nested `..` visits a number of values that multiplies with each level. May be shared
 * by several expressions.
 */
export class StepBudget {
  #left = MAX_STEPS;

  /** Throws `JSONPathError`. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new JSONPathError(`the expression takes more than ${MAX_STEPS} steps`);
  }

  spendOnText(text: string): void {
    this.spend(Math.floor(text.length / CHARACTERS_PER_STEP));
  }
}
