/** Set operations on lists (https://github.com/google/cel-go/blob/master/ext/sets.go). */

import { type FunctionDeclaration, fn } from '../declaration.ts';
import { BOOL, listType, typeParam } from '../type.ts';
import type { ListValue, Value } from '../value.ts';

const LIST_T = listType(typeParam('T'));

function contains(list: ListValue, sublist: ListValue): Value {
  for (const element of sublist) {
    const found = list.includes(element);
    if (found !== true) return found;
  }
  return true;
}

function intersects(a: ListValue, b: ListValue): Value {
  for (const element of a) if (b.includes(element) === true) return true;
  return false;
}

function equivalent(a: ListValue, b: ListValue): Value {
  const forth = contains(a, b);
  return forth === true ? contains(b, a) : forth;
}

export const SETS: readonly FunctionDeclaration[] = [
  fn('sets.contains', 'list_sets_contains_list', [LIST_T, LIST_T], BOOL, contains),
  fn('sets.equivalent', 'list_sets_equivalent_list', [LIST_T, LIST_T], BOOL, equivalent),
  fn('sets.intersects', 'list_sets_intersects_list', [LIST_T, LIST_T], BOOL, intersects),
];
