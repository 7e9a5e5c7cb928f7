/**
 * JSONPath in Kubernetes' dialect
 * (https://github.com/kubernetes/client-go/blob/master/util/jsonpath/jsonpath.go). Missing keys give no values.
 */

import { stringifyJSON } from '../exact-json.ts';
import { isJSONObject } from '../json.ts';
import { type Filter, JSONPathError, type JSONPathNode, type Slice } from './node.ts';
import { parseJSONPath } from './parse.ts';
import { StepBudget } from './step-budget.ts';

export class JSONPath {
  readonly #nodes: readonly JSONPathNode[];

  /** `expression`: without braces, such as `.metadata.name`. Throws `JSONPathError`. */
  constructor(expression: string) {
    this.#nodes = parseJSONPath(expression);
  }

  /**
   * Throws `JSONPathError` if the data does not fit the expression (an index out of bounds, a filter on a value that is
   * not a list), or if evaluation exceeds the budget.
   */
  find(data: unknown, budget = new StepBudget()): readonly unknown[] {
    return walkAll([data], this.#nodes, budget);
  }
}

function walkAll(
  values: readonly unknown[],
  nodes: readonly JSONPathNode[],
  budget: StepBudget,
): readonly unknown[] {
  let found = values;
  for (const node of nodes) {
    budget.spend(found.length);
    found = walk(found, node, budget);
  }
  return found;
}

function walk(values: readonly unknown[], node: JSONPathNode, budget: StepBudget): readonly unknown[] {
  switch (node.kind) {
    case 'field':
      return values.flatMap((value) =>
        isJSONObject(value) && Object.hasOwn(value, node.name) ? [value[node.name]] : [],
      );
    case 'slice':
      return values.flatMap((value) => (isNull(value) ? [] : sliceOf(value, node.slice)));
    case 'union':
      return node.members.flatMap((member) => walkAll(values, member, budget));
    case 'filter':
      return values.flatMap((value) => filtered(value, node.filter, budget));
    case 'wildcard':
      return values.flatMap(childrenOf);
    case 'recursive': {
      const found: unknown[] = [];
      for (const value of values) addDescendants(value, found, budget);
      return found;
    }
    case 'literal':
      return values.map(() => node.value);
    case 'identifier':
      throw new JSONPathError(`unrecognized identifier ${node.name}`);
  }
}

const isNull = (value: unknown): boolean => value === null || value === undefined;

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isJSONObject(value) ? Object.values(value) : [];
}

/** Adds the value itself and all its descendants that have children. */
function addDescendants(value: unknown, found: unknown[], budget: StepBudget): void {
  const children = childrenOf(value);
  if (children.length === 0) return;
  budget.spend(children.length);
  found.push(value);
  for (const child of children) addDescendants(child, found, budget);
}

function sliceOf(value: unknown, { start = 0, end, step = 1, single }: Slice): unknown[] {
  if (!Array.isArray(value)) throw new JSONPathError(`${goTypeOf(value)} is not array or slice`);
  const { length } = value;
  const from = start < 0 ? start + length : start;
  let to = end ?? length;
  if (to < 0 || (to === 0 && single)) to += length;
  if (from === to) return [];
  const outOfBounds = (index: number): JSONPathError =>
    new JSONPathError(`array index out of bounds: index ${index}, length ${length}`);
  if (from < 0 || from >= length) throw outOfBounds(from);
  if (to < 0 || to > length) throw outOfBounds(to - 1);
  if (from > to) throw new JSONPathError(`starting index ${from} is greater than ending index ${to}`);
  if (step <= 0) throw new JSONPathError('step must be > 0');
  return value.slice(from, to).filter((_, index) => index % step === 0);
}

function goTypeOf(value: unknown): string {
  if (isJSONObject(value)) return 'map[string]interface {}';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return Number.isInteger(value) ? 'int64' : 'float64';
}

function filtered(value: unknown, { left, operator, right }: Filter, budget: StepBudget): unknown[] {
  if (!Array.isArray(value)) {
    throw new JSONPathError(`${stringifyJSON(value)} is not array or slice and cannot be filtered`);
  }
  return value.filter((item) => {
    const lefts = walkAll([item], left, budget);
    if (operator === 'exists') return lefts.length > 0;
    const rights = walkAll([item], right, budget);
    if (lefts.length === 0 || rights.length === 0) return false;
    if (lefts.length > 1 || rights.length > 1)
      throw new JSONPathError('can only compare one element at a time');
    return compare(lefts[0], operator, rights[0]);
  });
}

type Comparable = string | number | bigint | boolean;

const COMPARISONS: Readonly<Record<string, (left: Comparable, right: Comparable) => boolean>> = {
  '==': (left, right) =>
    left === right || (isNumber(left) && isNumber(right) && Number(left) === Number(right)),
  '!=': (left, right) => !COMPARISONS['==']!(left, right),
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

const isNumber = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';

function compare(left: unknown, operator: string, right: unknown): boolean {
  const comparison = COMPARISONS[operator];
  if (comparison === undefined) throw new JSONPathError(`unrecognized filter operator ${operator}`);
  const [kind, otherKind] = [kindOf(left), kindOf(right)];
  if (kind !== otherKind) throw new JSONPathError('incompatible types for comparison');
  if (kind === 'boolean' && operator !== '==' && operator !== '!=') {
    throw new JSONPathError('invalid type for comparison');
  }
  return comparison(left as Comparable, right as Comparable);
}

function kindOf(value: unknown): 'number' | 'string' | 'boolean' {
  if (isNumber(value)) return 'number';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  throw new JSONPathError('invalid type for comparison');
}
