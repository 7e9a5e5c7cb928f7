import { JSONPathError } from './node.ts';

/** Values looked at: more than any expression for people needs, for an object of the largest size. */
const MAX_STEPS = 200_000;
/** Characters that are written in the time of one step. */
const CHARACTERS_PER_STEP = 16;

/** What expressions may cost: `..` after `..` looks at a product of what there is. May be shared by several. */
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
