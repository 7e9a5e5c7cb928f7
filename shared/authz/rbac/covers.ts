/**
 * Determines whether one set of rules covers another
 * (https://github.com/kubernetes/component-helpers/blob/master/auth/rbac/validation/policy_comparator.go).
 */

import type { PolicyRule } from '../../apis/rbac/v1/types.ts';
import { quoteAll } from '../../runtime/go-format.ts';
import { nonResourceURLCovers } from './rule-allows.ts';

type Strings = readonly string[] | null | undefined;

/** Maximum number of missing sub-rules listed; there may be as many as the product of the lengths of a rule's lists. */
const MAX_LISTED = 1000;
/** Maximum number of combinations compared per call. */
const MAX_COMPARED = 50_000;

export interface Uncovered {
  /** A rule per combination of verb, group, resource and name, and of verb and path, in the order of the lists. */
  readonly rules: readonly PolicyRule[];
  /** Whether more rules are missing than listed. */
  readonly more: boolean;
}

/** A set of owned rules as a bitmap: the rule at `i` is bit `i % 32` of word `i >>> 5`. */
type RuleSet = Uint32Array;

/** Index of one list of the owned rules: finds the rules whose list contains a value. */
class OwnedValues {
  readonly #words: number;
  readonly #byValue = new Map<string, RuleSet>();

  constructor(words: number, lists: readonly Strings[]) {
    this.#words = words;
    lists.forEach((list, at) => {
      for (const value of list ?? []) this.#add(value, at);
    });
  }

  #add(value: string, at: number): void {
    let rules = this.#byValue.get(value);
    if (rules === undefined) {
      rules = new Uint32Array(this.#words);
      this.#byValue.set(value, rules);
    }
    rules[at >>> 5]! |= 1 << (at & 31);
  }

  get values(): readonly string[] {
    return [...this.#byValue.keys()];
  }

  has(value: string): boolean {
    return this.#byValue.has(value);
  }

  /** The rules that contain any of the values. */
  having(values: readonly string[]): RuleSet {
    const found = new Uint32Array(this.#words);
    for (const value of values) {
      const rules = this.#byValue.get(value);
      if (rules !== undefined) for (let i = 0; i < found.length; i++) found[i]! |= rules[i]!;
    }
    return found;
  }
}

function both(a: RuleSet, b: RuleSet): RuleSet {
  return a.map((word, at) => word & b[at]!);
}

/** Values covered by the same owned rules, and therefore equivalent in a comparison. */
interface ValueClass {
  readonly covering: RuleSet;
  readonly at: number[];
}

/** Groups values into equivalence classes. `coveringValues`: the owned values that cover a value. */
function groupByCoverage(
  values: Strings,
  owned: OwnedValues,
  coveringValues: (value: string) => readonly string[],
  also: (rules: RuleSet) => RuleSet = (rules) => rules,
): ValueClass[] {
  const classes = new Map<string, ValueClass>();
  const byFound = new Map<string, ValueClass>();
  (values ?? []).forEach((value, at) => {
    const found = coveringValues(value).filter((one) => owned.has(one));
    const name = JSON.stringify(found);
    let one = byFound.get(name);
    if (one === undefined) {
      const covering = also(owned.having(found));
      const key = covering.join();
      one = classes.get(key) ?? { covering, at: [] };
      classes.set(key, one);
      byFound.set(name, one);
    }
    one.at.push(at);
  });
  return [...classes.values()];
}

/** Indexes of the owned rules. `*` + `/scale` covers `deployments/scale`; the `*` in `/logs/*` covers any suffix. */
class OwnedRules {
  readonly #verbs: OwnedValues;
  readonly #groups: OwnedValues;
  readonly #resources: OwnedValues;
  readonly #names: OwnedValues;
  readonly #urls: OwnedValues;
  readonly #urlPatterns: readonly string[];
  /** Rules without resource names. */
  readonly #ofAnyName: RuleSet;

  constructor(owned: readonly PolicyRule[]) {
    const words = (owned.length + 31) >>> 5;
    const index = (listOf: (rule: PolicyRule) => Strings) => new OwnedValues(words, owned.map(listOf));
    this.#verbs = index(({ verbs }) => verbs);
    this.#groups = index(({ apiGroups }) => apiGroups);
    this.#resources = index(({ resources }) => resources);
    this.#names = index(({ resourceNames }) => resourceNames);
    this.#urls = index(({ nonResourceURLs }) => nonResourceURLs);
    this.#urlPatterns = this.#urls.values.filter((url) => url.endsWith('*'));
    this.#ofAnyName = index(({ resourceNames }) => (resourceNames?.length ? [] : [''])).having(['']);
  }

  /**
   * The dimensions of a rule for resources: an owned rule that is in one set of each dimension covers that combination.
   */
  ofResources({
    apiGroups,
    resources,
    verbs,
    resourceNames,
  }: PolicyRule): readonly (readonly ValueClass[])[] {
    return [
      groupByCoverage(apiGroups, this.#groups, (group) => ['*', group]),
      groupByCoverage(resources, this.#resources, (resource) => {
        const slash = resource.indexOf('/');
        return slash < 0 ? ['*', resource] : ['*', resource, `*${resource.slice(slash)}`];
      }),
      this.#ofVerbs(verbs),
      resourceNames?.length
        ? groupByCoverage(
            resourceNames,
            this.#names,
            (name) => [name],
            (rules) => rules.map((word, at) => word | this.#ofAnyName[at]!),
          )
        : [{ covering: this.#ofAnyName, at: [0] }],
    ];
  }

  /** The dimensions of a rule for paths. */
  ofPaths({ nonResourceURLs, verbs }: PolicyRule): readonly (readonly ValueClass[])[] {
    return [
      groupByCoverage(
        nonResourceURLs,
        this.#urls,
        (url) => [url, ...this.#urlPatterns.filter((pattern) => nonResourceURLCovers(pattern, url))],
        (rules) => both(rules, this.#ofAnyName),
      ),
      this.#ofVerbs(verbs),
    ];
  }

  #ofVerbs(verbs: Strings): ValueClass[] {
    return groupByCoverage(verbs, this.#verbs, (verb) => ['*', verb]);
  }
}

/** Collects the sub-rules of wanted rules that no owned rule covers, up to a limit. */
class Search {
  readonly #owned: OwnedRules;
  readonly found: PolicyRule[] = [];
  more = false;
  #compared = 0;

  constructor(owned: OwnedRules) {
    this.#owned = owned;
  }

  examine(rule: PolicyRule): void {
    const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
    this.#inProduct(this.#owned.ofResources(rule), ([group = 0, resource = 0, verb = 0, name = 0]) => ({
      verbs: [verbs![verb]!],
      apiGroups: [apiGroups![group]!],
      resources: [resources![resource]!],
      ...(resourceNames?.length && { resourceNames: [resourceNames[name]!] }),
    }));
    this.#inProduct(this.#owned.ofPaths(rule), ([url = 0, verb = 0]) => ({
      verbs: [verbs![verb]!],
      nonResourceURLs: [nonResourceURLs![url]!],
    }));
  }

  #inProduct(
    dimensions: readonly (readonly ValueClass[])[],
    ruleAt: (positions: readonly number[]) => PolicyRule,
  ): void {
    if (dimensions.some((classes) => classes.length === 0)) return;
    const missing: number[][] = [];
    const room = MAX_LISTED - this.found.length;
    const list = (chosen: readonly (readonly number[])[], positions: readonly number[]): void => {
      if (this.more) return;
      if (positions.length === chosen.length) {
        if (missing.length >= room) this.more = true;
        else missing.push([...positions]);
        return;
      }
      for (const at of chosen[positions.length]!) {
        list(chosen, [...positions, at]);
        if (this.more) return;
      }
    };
    const compare = (covering: RuleSet | undefined, chosen: readonly ValueClass[]): void => {
      if (this.more) return;
      if (covering?.every((word) => word === 0)) {
        // No owned rule covers it, whatever the values of the remaining dimensions.
        list(everyChoice(dimensions, chosen), []);
        return;
      }
      if (chosen.length === dimensions.length) return;
      for (const one of dimensions[chosen.length]!) {
        if (++this.#compared > MAX_COMPARED) throw new Error('the rules are too many to be compared');
        compare(covering === undefined ? one.covering : both(covering, one.covering), [...chosen, one]);
      }
    };
    compare(undefined, []);
    missing.sort(byPosition);
    for (const positions of missing) this.found.push(ruleAt(positions));
  }
}

function everyChoice(
  dimensions: readonly (readonly ValueClass[])[],
  chosen: readonly ValueClass[],
): readonly (readonly number[])[] {
  return dimensions.map((classes, at) => chosen[at]?.at ?? classes.flatMap((one) => one.at));
}

function byPosition(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/**
 * Returns the parts of `wanted` that no rule of `owned` covers. Upstream expands each rule into its combinations; here
 * values covered by the same rules are compared together. Throws an Error if there are still too many combinations.
 */
export function uncoveredRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): Uncovered {
  const search = new Search(new OwnedRules(owned));
  for (const rule of wanted) {
    if (search.more) break;
    search.examine(rule);
  }
  return { rules: search.found, more: search.more };
}

/** Merges the verbs of rules for the same single resource; other rules come first, unchanged. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const compacted: PolicyRule[] = [];
  const simple = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
    const isSimple = apiGroups.length === 1 && resources.length === 1 && resourceNames.length <= 1;
    if (!isSimple || nonResourceURLs.length > 0) {
      compacted.push(rule);
      continue;
    }
    const key = JSON.stringify([apiGroups, resources, resourceNames]);
    const same = simple.get(key);
    simple.set(key, same ? { ...same, verbs: [...(same.verbs ?? []), ...(rule.verbs ?? [])] } : rule);
  }
  return [...compacted, ...simple.values()];
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}` */
export function formatRule(rule: PolicyRule): string {
  const fields: [string, Strings][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const shown = fields.flatMap(([name, values]) => (values?.length ? `${name}:${quoteAll(values)}` : []));
  return `{${shown.join(', ')}}`;
}
