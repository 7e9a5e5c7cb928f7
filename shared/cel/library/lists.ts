/**
 * List functions: Kubernetes' own (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/library/lists.go) and
 * cel-go's (https://github.com/google/cel-go/blob/master/ext/lists.go, version 3).
 */

import { type FunctionDeclaration, fn, member, type Overload } from '../declaration.ts';
import { CelError, NO_SUCH_OVERLOAD } from '../error.ts';
import { checkListSize } from '../size-limits.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  STRING,
  TIMESTAMP,
  typeParam,
  UINT,
} from '../type.ts';
import {
  ArrayList,
  compare,
  Duration,
  equal,
  isComparable,
  ListValue,
  typeOf,
  Uint,
  type Value,
} from '../value.ts';
import { add } from './operators.ts';

const A = typeParam('A');
const LIST_A = listType(A);

const COMPARABLE: readonly (readonly [string, CelType])[] = [
  ['int', INT],
  ['uint', UINT],
  ['double', DOUBLE],
  ['bool', BOOL],
  ['duration', DURATION],
  ['timestamp', TIMESTAMP],
  ['string', STRING],
  ['bytes', BYTES],
];

const SUMMABLE: readonly (readonly [string, CelType, Value])[] = [
  ['int', INT, 0n],
  ['uint', UINT, new Uint(0n)],
  ['double', DOUBLE, 0],
  ['duration', DURATION, new Duration(0n)],
];

function isSorted(list: ListValue): Value {
  let previous: Value | undefined;
  for (const element of list) {
    if (!isComparable(element)) return NO_SUCH_OVERLOAD;
    if (previous !== undefined && compare(previous, element) === 1) return false;
    previous = element;
  }
  return true;
}

function sum(list: ListValue, zero: Value): Value {
  let total = zero;
  for (const element of list) {
    total = add(total, element);
    if (total instanceof CelError) return total;
  }
  return total;
}

/** The minimum or maximum; the first of several equal elements. */
function extreme(name: string, replaceWhen: -1 | 1): (list: ListValue) => Value {
  return (list) => {
    let result: Value | undefined;
    for (const element of list) {
      if (!isComparable(element)) return NO_SUCH_OVERLOAD;
      if (result === undefined || compare(result, element) === replaceWhen) result = element;
    }
    return result ?? new CelError(`${name} called on empty list`);
  };
}

function indexOf(list: ListValue, item: Value): Value {
  for (let i = 0; i < list.size; i++) if (equal(list.get(i), item) === true) return BigInt(i);
  return -1n;
}

function lastIndexOf(list: ListValue, item: Value): Value {
  for (let i = list.size - 1; i >= 0; i--) if (equal(list.get(i), item) === true) return BigInt(i);
  return -1n;
}

function perType(
  name: string,
  id: (type: string) => string,
  result: (type: CelType) => CelType,
  call: (list: ListValue) => Value,
): FunctionDeclaration {
  return {
    name,
    overloads: COMPARABLE.map(
      ([typeName, type]): Overload => ({
        id: id(typeName),
        member: true,
        args: [listType(type)],
        result: result(type),
        call,
      }),
    ),
  };
}

export const KUBERNETES_LISTS: readonly FunctionDeclaration[] = [
  perType(
    'isSorted',
    (type) => `list_${type}_is_sorted_bool`,
    () => BOOL,
    isSorted,
  ),
  perType(
    'max',
    (type) => `list_${type}_max_${type}`,
    (type) => type,
    extreme('max', -1),
  ),
  perType(
    'min',
    (type) => `list_${type}_min_${type}`,
    (type) => type,
    extreme('min', 1),
  ),
  {
    name: 'sum',
    overloads: SUMMABLE.map(([name, type, zero]) => ({
      id: `list_${name}_sum_${name}`,
      member: true,
      args: [listType(type)],
      result: type,
      call: (list: ListValue) => sum(list, zero),
    })),
  },
  member('indexOf', 'list_a_index_of_int', [LIST_A, A], INT, indexOf),
  member('lastIndexOf', 'list_a_last_index_of_int', [LIST_A, A], INT, lastIndexOf),
];

function slice(list: ListValue, start: bigint, end: bigint): Value {
  const range = `cannot slice(${start}, ${end})`;
  if (start < 0n || end < 0n) return new CelError(`${range}, negative indexes not supported`);
  if (start > end) return new CelError(`${range}, start index must be less than or equal to end index`);
  if (end > list.size) return new CelError(`${range}, list is length ${list.size}`);
  return new ArrayList([...list].slice(Number(start), Number(end)));
}

function addFlattened(list: ListValue, depth: bigint, flat: Value[]): void {
  for (const element of list) {
    if (element instanceof ListValue && depth > 0n) addFlattened(element, depth - 1n, flat);
    else flat.push(element);
    checkListSize(flat.length);
  }
}

function flatten(list: ListValue, depth: bigint): Value {
  if (depth < 0n) return new CelError('level must be non-negative');
  const flat: Value[] = [];
  addFlattened(list, depth, flat);
  return new ArrayList(flat);
}

function sortByKeys(list: ListValue, keys: ListValue): Value {
  if (list.size !== keys.size) {
    return new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.size} and ${keys.size} elements respectively`,
    );
  }
  if (list.size === 0) return list;
  const ordered = [...keys];
  if (!isComparable(ordered[0]!)) return new CelError('list elements must be comparable');
  const type = typeOf(ordered[0]!);
  if (ordered.some((key) => typeOf(key) !== type))
    return new CelError('list elements must have the same type');
  const order = ordered
    .map((_, i) => i)
    .sort((i, j) => {
      const sign = compare(ordered[i]!, ordered[j]!);
      return typeof sign === 'number' ? sign : 0;
    });
  return new ArrayList(order.map((i) => list.get(i)));
}

function range(length: bigint): Value {
  checkListSize(Number(length));
  return new ArrayList(Array.from({ length: Math.max(0, Number(length)) }, (_, i) => BigInt(i)));
}

function distinct(list: ListValue): Value {
  const kept: Value[] = [];
  for (const element of list) {
    if (!kept.some((other) => equal(element, other) === true)) kept.push(element);
  }
  return new ArrayList(kept);
}

export const LISTS: readonly FunctionDeclaration[] = [
  member('slice', 'list_slice', [LIST_A, INT, INT], LIST_A, slice),
  {
    name: 'flatten',
    overloads: [
      { id: 'list_flatten', member: true, args: [listType(LIST_A)], result: LIST_A },
      { id: 'list_flatten_int', member: true, args: [listType(DYN), INT], result: listType(DYN) },
    ],
    // Elements may be of any type: those that are not lists are kept unchanged.
    call: (list, depth = 1n) =>
      list instanceof ListValue && typeof depth === 'bigint' ? flatten(list, depth) : NO_SUCH_OVERLOAD,
  },
  perType(
    'sort',
    (type) => `list_${type}_sort`,
    listType,
    (list) => sortByKeys(list, list),
  ),
  {
    name: '@sortByAssociatedKeys',
    overloads: COMPARABLE.map(([name, type]) => ({
      id: `list_${name}_sortByAssociatedKeys`,
      member: true,
      args: [LIST_A, listType(type)],
      result: LIST_A,
      call: sortByKeys,
    })),
  },
  fn('lists.range', 'lists_range', [INT], listType(INT), range),
  member(
    'reverse',
    'list_reverse',
    [LIST_A],
    LIST_A,
    (list: ListValue) => new ArrayList([...list].reverse()),
  ),
  member('distinct', 'list_distinct', [LIST_A], LIST_A, distinct),
];
