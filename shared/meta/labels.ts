/** Label selectors (https://github.com/kubernetes/apimachinery/blob/master/pkg/labels/selector.go). */

import { quote } from '../runtime/go-format.ts';
import { LabelMatcher } from './label-matcher.ts';
import { parseLabelRequirements } from './label-parser.ts';
import { LabelRequirement } from './label-requirement.ts';
import { SelectorError } from './selector-error.ts';
import type { LabelSelector } from './v1/types.ts';

export type Labels = Readonly<Record<string, string>>;

/** A label selector: all requirements must hold. */
export interface Selector {
  matches(labels: Labels): boolean;
  /** Whether it selects everything. */
  empty(): boolean;
  /** Sorted by key; undefined for the selector that selects nothing. */
  requirements(): readonly LabelRequirement[] | undefined;
  /** The value required of `label`, if there is exactly one. */
  requiresExactMatch(label: string): string | undefined;
  add(...requirements: LabelRequirement[]): Selector;
  /** The canonical form; '' for a selector that selects everything, and for `NOTHING`. */
  toString(): string;
}

const byKey = (a: LabelRequirement, b: LabelRequirement): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : 0;

class RequirementSelector implements Selector {
  readonly #requirements: readonly LabelRequirement[];
  #matcher: LabelMatcher | undefined;

  constructor(requirements: readonly LabelRequirement[]) {
    this.#requirements = requirements.toSorted(byKey);
  }

  matches(labels: Labels): boolean {
    this.#matcher ??= new LabelMatcher(this.#requirements);
    return this.#matcher.matches(labels);
  }

  empty(): boolean {
    return this.#requirements.length === 0;
  }

  requirements(): readonly LabelRequirement[] {
    return this.#requirements;
  }

  requiresExactMatch(label: string): string | undefined {
    const requirement = this.#requirements.find(({ key }) => key === label);
    if (requirement === undefined || requirement.values.length !== 1) return undefined;
    return ['=', '==', 'in'].includes(requirement.operator) ? requirement.values[0] : undefined;
  }

  add(...requirements: LabelRequirement[]): Selector {
    return new RequirementSelector([...this.#requirements, ...requirements]);
  }

  toString(): string {
    return this.#requirements.join(',');
  }
}

export const EVERYTHING: Selector = new RequirementSelector([]);

export const NOTHING: Selector = {
  matches: () => false,
  empty: () => false,
  requirements: () => undefined,
  requiresExactMatch: () => undefined,
  add: () => NOTHING,
  toString: () => '',
};

/** Parses `a=b,c in (d,e),!f`. Throws `SelectorError` with upstream's text. */
export function parseLabelSelector(text: string): Selector {
  const requirements = parseLabelRequirements(text);
  return requirements.length === 0 ? EVERYTHING : new RequirementSelector(requirements);
}

/** Selects objects with all of `labels`, which aren't validated. */
export function selectorFromSet(labels: Labels | undefined): Selector {
  const entries = Object.entries(labels ?? {});
  if (entries.length === 0) return EVERYTHING;
  return new RequirementSelector(
    entries.map(([key, value]) => LabelRequirement.unchecked(key, '=', [value])),
  );
}

const OPERATORS: ReadonlyMap<string, 'in' | 'notin' | 'exists' | '!'> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
] as const);

/** Converts the API's LabelSelector: absent selects nothing, empty everything. Throws `SelectorError`. */
export function labelSelectorAsSelector(selector: LabelSelector | null | undefined): Selector {
  if (selector === undefined || selector === null) return NOTHING;
  const requirements = Object.entries(selector.matchLabels ?? {}).map(([key, value]) =>
    LabelRequirement.of(key, '=', [value]),
  );
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = OPERATORS.get(operator);
    if (known === undefined) {
      throw new SelectorError(`${quote(operator)} is not a valid label selector operator`);
    }
    requirements.push(LabelRequirement.of(key, known, values ?? []));
  }
  return requirements.length === 0 ? EVERYTHING : new RequirementSelector(requirements);
}

/** A LabelSelector in the format of `kubectl` and table columns. */
export function formatLabelSelector(selector: LabelSelector | null | undefined): string {
  try {
    return labelSelectorAsSelector(selector).toString() || '<none>';
  } catch {
    return '<error>';
  }
}
