/**
 * Run-time costs of calls: cel-go's table overridden by Kubernetes'
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/library/cost.go,
 * https://github.com/google/cel-go/blob/master/interpreter/runtimecost.go). Expressions are admitted and cancelled by
 * these numbers, so they are part of the API.
 */

import { BYTES, STRING } from './type.ts';
import { costSize, ListValue, MapValue, ObjectValue, typeOf, type Value } from './value.ts';

/** Limit per expression. */
export const PER_CALL_LIMIT = 1_000_000;
/** Limit per ValidatingAdmissionPolicyBinding or custom resource. */
export const RUNTIME_COST_BUDGET = 10_000_000;
/** Limit per webhook or binding, for all its matchConditions together. */
export const RUNTIME_COST_BUDGET_MATCH_CONDITIONS = 2_500_000;

export const LIST_CREATE_COST = 10;
export const MAP_CREATE_COST = 30;
export const STRUCT_CREATE_COST = 40;
export const STRING_TRAVERSAL_FACTOR = 0.1;
export const REGEX_LENGTH_FACTOR = 0.25;
/** Allows at most two authorization checks per expression. */
export const AUTHORIZATION_CHECK_COST = 350_000;

export type Cost = (args: readonly Value[], result: Value) => number;

const one: Cost = () => 1;

function traversal(size: number, times = 1): number {
  return Math.ceil(size * times * STRING_TRAVERSAL_FACTOR);
}

const targetTraversal: Cost = (args) => traversal(costSize(args[0]!));
const twoTraversals: Cost = (args) => traversal(costSize(args[0]!), 2);

function regexCost(text: Value, patternSize: number): number {
  return traversal(1 + costSize(text)) * Math.ceil(patternSize * REGEX_LENGTH_FACTOR);
}

const regexSearch: Cost = (args) => regexCost(args[0]!, costSize(args[1]!));

/** The cost of traversing all strings in a tree; any other scalar costs 1. */
function treeCost(value: Value): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * STRING_TRAVERSAL_FACTOR);
  if (value instanceof Uint8Array) return Math.floor(value.length * STRING_TRAVERSAL_FACTOR);
  let cost = 0;
  if (value instanceof ListValue) {
    for (const element of value) cost += treeCost(element);
    return cost;
  }
  if (value instanceof MapValue) {
    for (const key of value.keys()) cost += treeCost(key) + treeCost(value.find(key)!);
    return cost;
  }
  return 1;
}

const listWalk: Cost = (args) => treeCost(args[0]!);

/** Cost of parsing a selector: its text, plus a struct and a slice for every two characters. */
const selector: Cost = (args) => {
  const size = costSize(args[1]!);
  return (
    LIST_CREATE_COST +
    traversal(size) +
    Math.ceil(Math.ceil(size * 0.5) * (LIST_CREATE_COST + STRUCT_CREATE_COST))
  );
};

/** The size of a named format is that of its regular expression. */
const formatValidation: Cost = (args) => regexCost(args[1]!, costSize(args[0]!));

const joined: Cost = (_args, result) => traversal(costSize(result), 2);

const BY_FUNCTION: ReadonlyMap<string, Cost> = new Map<string, Cost>(
  Object.entries({
    check: () => AUTHORIZATION_CHECK_COST,
    fieldSelector: selector,
    labelSelector: selector,
    join: joined,
    find: regexSearch,
    findAll: regexSearch,
    validate: formatValidation,
  }),
);
const GROUPS: readonly (readonly [string, Cost])[] = [
  ['serviceAccount path group resource subresource namespace name allowed reason error errored', one],
  ['isSorted sum max min indexOf lastIndexOf includes', listWalk],
  ['url lowerAscii upperAscii substring trim jsonpatch.escapeKey cidr isIP isCIDR', targetTraversal],
  ['quantity isQuantity semver isSemver', targetTraversal],
  ['replace split ip.isCanonical', twoTraversals],
];
const KUBERNETES: ReadonlyMap<string, Cost> = new Map([
  ...BY_FUNCTION,
  ...GROUPS.flatMap(([names, cost]) => names.split(' ').map((name) => [name, cost] as const)),
]);

const equality: Cost = (args) =>
  args[0] instanceof ObjectValue ? 1 : traversal(Math.min(costSize(args[0]!), costSize(args[1]!)));

/** `other`: the type of the value looked up in the network; `form`: whether it is given as text or as a value. */
function containsNetwork(other: 'ip' | 'cidr', form: 'text' | 'value'): Cost {
  return (args) => {
    const size = costSize(args[0]!);
    const masking = other === 'cidr' ? traversal(size) + 1 : 0;
    const parsing = form === 'text' ? traversal(costSize(args[1]!)) : 0;
    return traversal(size, 2) + masking + parsing;
  };
}

const listOutput: Cost = (_args, result) => Math.floor(costSize(result)) + 1 + LIST_CREATE_COST;

/** Compares each element with every other. */
function selfComparison(list: Value): number {
  const size = costSize(list);
  const first = list instanceof ListValue && size > 0 ? typeOf(list.get(0)) : undefined;
  const factor = first === STRING || first === BYTES ? 2 + STRING_TRAVERSAL_FACTOR : 2;
  return Math.floor(size * size * factor) + 1 + LIST_CREATE_COST;
}

function setComparison(times: number): Cost {
  return (args) => 1 + costSize(args[0]!) * costSize(args[1]!) * times;
}

const concatenation: Cost = (args) => traversal(costSize(args[0]!) + costSize(args[1]!));

const ORDERED_STRINGS = ['less', 'less_equals', 'greater', 'greater_equals'].flatMap((name) => [
  `${name}_string`,
  `${name}_bytes`,
]);

const BY_OVERLOAD: ReadonlyMap<string, Cost> = new Map<string, Cost>([
  ['starts_with_string', targetTraversal],
  ['ends_with_string', targetTraversal],
  ['string_to_bytes', targetTraversal],
  ['bytes_to_string', targetTraversal],
  ['strings_quote', targetTraversal],
  ['string_format', targetTraversal],
  ['in_list', (args) => costSize(args[1]!)],
  ...[...ORDERED_STRINGS, 'not_equals'].map((id) => [id, equality] as const),
  ['equals', equality],
  ['add_string', concatenation],
  ['add_bytes', concatenation],
  ['matches_string', regexSearch],
  ['contains_string', (args) => traversal(costSize(args[0]!)) * traversal(costSize(args[1]!))],
  ['string_to_ip', targetTraversal],
  ['cidr_contains_ip_string', containsNetwork('ip', 'text')],
  ['cidr_contains_ip_ip', containsNetwork('ip', 'value')],
  ['cidr_contains_cidr_string', containsNetwork('cidr', 'text')],
  ['cidr_contains_cidr', containsNetwork('cidr', 'value')],
  ['list_sets_contains_list', setComparison(1)],
  ['list_sets_intersects_list', setComparison(1)],
  ['list_sets_equivalent_list', setComparison(2)],
  ['list_slice', listOutput],
  ['lists_range', listOutput],
  ['list_reverse', listOutput],
  ['list_flatten', (args) => costSize(args[0]!) + 1 + LIST_CREATE_COST],
  ['list_flatten_int', (args) => costSize(args[0]!) * Number(args[1]) + 1 + LIST_CREATE_COST],
  ['list_distinct', (args) => selfComparison(args[0]!)],
]);

const BY_RESULT: ReadonlySet<Cost> = new Set([joined, listOutput]);

/**
 * Whether the cost depends on the result. All other calls are charged before they run, so that a call beyond the budget
 * is not made.
 */
export const needsResult = (cost: Cost): boolean => BY_RESULT.has(cost);

/** The cost function for a function, or for one of its overloads where costs depend on types. */
export function costOf(name: string, overload: string | undefined): Cost {
  const known = (overload === undefined ? undefined : BY_OVERLOAD.get(overload)) ?? KUBERNETES.get(name);
  if (known !== undefined) return known;
  if (overload?.endsWith('_sort')) return (args) => selfComparison(args[0]!);
  if (overload?.endsWith('_sortByAssociatedKeys')) return (args) => selfComparison(args[1]!);
  return one;
}
