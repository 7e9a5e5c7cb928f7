/**
 * Whether some rules grant at least what others do
 * (https://github.com/kubernetes/component-helpers/blob/master/auth/rbac/validation/policy_comparator.go).
 */

import type { PolicyRule } from '../../apis/rbac/v1/types.ts';
import { quoteAll } from '../../runtime/go-format.ts';
import { nonResourceURLCovers } from './rule-allows.ts';

type Strings = readonly string[] | null | undefined;

/** Sub-rules listed of what is missing: their number is the product of a rule's lists. */
const MAX_LISTED = 1000;
/** Combinations of unlike values compared for one question. */
const MAX_COMPARED = 50_000;

export interface Uncovered {
  /** One rule per verb, group, resource and name, and per verb and path, in the order of the lists. */
  readonly rules: readonly PolicyRule[];
  /** More is missing than is listed. */
  readonly more: boolean;
}

/** Which owned rules have something: the rule at `i` is bit `i % 32` of word `i >>> 5`. */
type RuleSet = Uint32Array;

/** Answers, for one list of the owned rules, which of them have a value in it. */
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

  /** The rules that have any of the values. */
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

/** Values that the same owned rules cover: what holds of one of them holds of all. */
interface Alike {
  readonly covering: RuleSet;
  readonly at: number[];
}

/** `sought`: the owned values that cover one. */
function alike(
  values: Strings,
  owned: OwnedValues,
  sought: (value: string) => readonly string[],
  also: (rules: RuleSet) => RuleSet = (rules) => rules,
): Alike[] {
  const classes = new Map<string, Alike>();
  const byFound = new Map<string, Alike>();
  (values ?? []).forEach((value, at) => {
    const found = sought(value).filter((one) => owned.has(one));
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

/** Owned rules by what they have. `*` + `/scale` covers `deployments/scale`; `*` in `/logs/*` any ending. */
class OwnedRules {
  readonly #verbs: OwnedValues;
  readonly #groups: OwnedValues;
  readonly #resources: OwnedValues;
  readonly #names: OwnedValues;
  readonly #urls: OwnedValues;
  readonly #urlPatterns: readonly string[];
  /** Rules that are not about names. */
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

  /** Dimensions of what a rule says of resources: each rule in all of the sets covers a combination. */
  ofResources({ apiGroups, resources, verbs, resourceNames }: PolicyRule): readonly (readonly Alike[])[] {
    return [
      alike(apiGroups, this.#groups, (group) => ['*', group]),
      alike(resources, this.#resources, (resource) => {
        const slash = resource.indexOf('/');
        return slash < 0 ? ['*', resource] : ['*', resource, `*${resource.slice(slash)}`];
      }),
      this.#ofVerbs(verbs),
      resourceNames?.length
        ? alike(
            resourceNames,
            this.#names,
            (name) => [name],
            (rules) => rules.map((word, at) => word | this.#ofAnyName[at]!),
          )
        : [{ covering: this.#ofAnyName, at: [0] }],
    ];
  }

  /** The same of what it says of paths. */
  ofPaths({ nonResourceURLs, verbs }: PolicyRule): readonly (readonly Alike[])[] {
    return [
      alike(
        nonResourceURLs,
        this.#urls,
        (url) => [url, ...this.#urlPatterns.filter((pattern) => nonResourceURLCovers(pattern, url))],
        (rules) => both(rules, this.#ofAnyName),
      ),
      this.#ofVerbs(verbs),
    ];
  }

  #ofVerbs(verbs: Strings): Alike[] {
    return alike(verbs, this.#verbs, (verb) => ['*', verb]);
  }
}

/** The sub-rules of wanted rules that no owned rule covers, up to a number. */
class Search {
  readonly #owned: OwnedRules;
  readonly found: PolicyRule[] = [];
  more = false;
  #compared = 0;

  constructor(owned: OwnedRules) {
    this.#owned = owned;
  }

  look(rule: PolicyRule): void {
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
    dimensions: readonly (readonly Alike[])[],
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
    const compare = (covering: RuleSet | undefined, chosen: readonly Alike[]): void => {
      if (this.more) return;
      if (covering?.every((word) => word === 0)) {
        // Whatever comes of the other dimensions: nothing covers it.
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
  dimensions: readonly (readonly Alike[])[],
  chosen: readonly Alike[],
): readonly (readonly number[])[] {
  return dimensions.map((classes, at) => chosen[at]?.at ?? classes.flatMap((one) => one.at));
}

function byPosition(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/**
 * What of `wanted` no rule of `owned` covers. Upstream multiplies each rule out; here values that the same rules
 * cover are looked at together. Throws where even that is too much.
 */
export function uncoveredRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): Uncovered {
  const search = new Search(new OwnedRules(owned));
  for (const rule of wanted) {
    if (search.more) break;
    search.look(rule);
  }
  return { rules: search.found, more: search.more };
}

/** Joins the verbs of rules that are about the same one resource; others stay as they are, first. */
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
