/** Matches labels against many requirements at once, merged per key. */

import { type LabelRequirement, parseInt64 } from './label-requirement.ts';

/**
 * Whether labels satisfy all requirements. The cost is bounded by the number of labels or of required keys, whichever
 * is smaller.
 */
export class LabelMatcher {
  readonly #terms = new Map<string, Term>();
  #required = 0;

  constructor(requirements: readonly LabelRequirement[]) {
    for (const requirement of requirements) {
      const term = this.#terms.get(requirement.key) ?? new Term();
      term.narrow(requirement);
      this.#terms.set(requirement.key, term);
    }
    for (const term of this.#terms.values()) if (term.isRequired) this.#required++;
  }

  matches(labels: Readonly<Record<string, string>>): boolean {
    const keys = Object.keys(labels);
    if (this.#terms.size <= keys.length) {
      for (const [key, term] of this.#terms)
        if (!term.matches(Object.hasOwn(labels, key) ? labels[key] : undefined)) return false;
      return true;
    }
    let found = 0;
    for (const key of keys) {
      const term = this.#terms.get(key);
      if (term === undefined) continue;
      if (!term.matches(labels[key])) return false;
      if (term.isRequired) found++;
    }
    return found === this.#required;
  }
}

/** All requirements on the value of one key. */
class Term {
  isRequired = false;
  #isForbidden = false;
  #allowed: ReadonlySet<string> | undefined;
  #denied: Set<string> | undefined;
  /** Exclusive bounds, from `gt` and `lt`. */
  #above: bigint | undefined;
  #below: bigint | undefined;

  narrow({ operator, values }: LabelRequirement): void {
    switch (operator) {
      case '!':
        this.#isForbidden = true;
        return;
      case 'notin':
      case '!=':
        this.#denied ??= new Set();
        for (const value of values) this.#denied.add(value);
        return;
      default:
        this.isRequired = true;
    }
    if (operator === 'gt' || operator === 'lt') this.#bound(operator, values);
    else if (operator !== 'exists') {
      const allowed = this.#allowed;
      this.#allowed = new Set(allowed === undefined ? values : values.filter((value) => allowed.has(value)));
    }
  }

  #bound(operator: 'gt' | 'lt', values: readonly string[]): void {
    const bound = values.length === 1 ? parseInt64(values[0]!) : undefined;
    if (bound === undefined) this.#isForbidden = true;
    else if (operator === 'gt')
      this.#above = this.#above === undefined || bound > this.#above ? bound : this.#above;
    else this.#below = this.#below === undefined || bound < this.#below ? bound : this.#below;
  }

  matches(value: string | undefined): boolean {
    if (value === undefined) return !this.isRequired;
    if (this.#isForbidden || this.#denied?.has(value)) return false;
    if (this.#allowed !== undefined && !this.#allowed.has(value)) return false;
    if (this.#above === undefined && this.#below === undefined) return true;
    const number = parseInt64(value);
    if (number === undefined) return false;
    return (
      (this.#above === undefined || number > this.#above) &&
      (this.#below === undefined || number < this.#below)
    );
  }
}
