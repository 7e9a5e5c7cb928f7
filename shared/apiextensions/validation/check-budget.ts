/**
 * What validation by a schema may cost: a schema's alternatives for each of an object's values would hold the process
 * for minutes. Upstream lets them hold one of its threads.
 */

import { newRequestEntityTooLarge } from '../../meta/status-error.ts';

/** Values that are compared with a schema, each time that they are. The largest body has 100,000. */
export const MAX_CHECKS = 500_000;
/** Characters that a pattern goes through in the time of one such check. */
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
