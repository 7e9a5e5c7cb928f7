/**
 * Limits the cost of schema validation: a schema's alternatives for each of an object's values could block the process
 * for minutes. Upstream lets them occupy a thread.
 */

import { newRequestEntityTooLarge } from '../../meta/status-error.ts';

/** Maximum number of comparisons of a value with a schema. The largest body has 100,000 values. */
export const MAX_CHECKS = 500_000;
/** Characters matched against a pattern in the time of one check. */
const CHARACTERS_PER_CHECK = 16;

export class CheckBudget {
  #left = MAX_CHECKS;

  /** Throws RequestEntityTooLarge. */
  spend(checks = 1): void {
    this.#left -= checks;
    if (this.#left < 0) throw newRequestEntityTooLarge(`its schema takes more than ${MAX_CHECKS} checks`);
  }

  spendOnPattern(text: string): void {
    this.spend(Math.floor(text.length / CHARACTERS_PER_CHECK));
  }
}
