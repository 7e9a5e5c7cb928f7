/** Optional values (https://github.com/google/cel-spec/wiki/proposal-246). */

import { OPERATOR } from '../ast.ts';
import { type FunctionDeclaration, fn, member, type Overload } from '../declaration.ts';
import { CelError } from '../error.ts';
import { BOOL, type CelType, INT, listType, mapType, optionalType, typeParam } from '../type.ts';
import { ArrayList, isZero, type ListValue, Optional, typeOf, type Value } from '../value.ts';

const K = typeParam('K');
const V = typeParam('V');
const LIST_V = listType(V);
const MAP_KV = mapType(K, V);
const OPTIONAL_V = optionalType(V);
const OPTIONALS = listType(OPTIONAL_V);

function operator(id: string, args: readonly CelType[]): Overload {
  return { id, member: false, args, result: OPTIONAL_V };
}

function chained(name: string, id: string, arg: CelType, result: CelType): FunctionDeclaration {
  return { name, overloads: [{ id, member: true, args: [OPTIONAL_V, arg], result }] };
}

function unwrap(list: ListValue): Value {
  const values: Value[] = [];
  for (const item of list) {
    if (!(item instanceof Optional)) return new CelError(`value ${typeOf(item).name} is not optional`);
    if (item.value !== undefined) values.push(item.value);
  }
  return new ArrayList(values);
}

function elementAt(list: ListValue, index: number): Value {
  return list.size === 0 ? Optional.none : new Optional(list.get(index));
}

export const OPTIONAL: readonly FunctionDeclaration[] = [
  fn('optional.of', 'optional_of', [V], OPTIONAL_V, (value: Value) => new Optional(value)),
  fn('optional.ofNonZeroValue', 'optional_ofNonZeroValue', [V], OPTIONAL_V, (value: Value) =>
    isZero(value) ? Optional.none : new Optional(value),
  ),
  fn('optional.none', 'optional_none', [], OPTIONAL_V, () => Optional.none),
  member(
    'value',
    'optional_value',
    [OPTIONAL_V],
    V,
    ({ value }: Optional) => value ?? new CelError('optional.none() dereference'),
  ),
  member('hasValue', 'optional_hasValue', [OPTIONAL_V], BOOL, ({ value }: Optional) => value !== undefined),
  chained('or', 'optional_or_optional', OPTIONAL_V, OPTIONAL_V),
  chained('orValue', 'optional_orValue_value', V, V),
  {
    name: OPERATOR.optIndex,
    overloads: [
      operator('list_optindex_optional_int', [LIST_V, INT]),
      operator('optional_list_optindex_optional_int', [optionalType(LIST_V), INT]),
      operator('map_optindex_optional_value', [MAP_KV, K]),
      operator('optional_map_optindex_optional_value', [optionalType(MAP_KV), K]),
    ],
  },
  {
    name: OPERATOR.index,
    overloads: [
      operator('optional_list_index_int', [optionalType(LIST_V), INT]),
      operator('optional_map_index_value', [optionalType(MAP_KV), K]),
    ],
  },
  member('last', 'list_last', [LIST_V], OPTIONAL_V, (list: ListValue) => elementAt(list, list.size - 1)),
  member('first', 'list_first', [LIST_V], OPTIONAL_V, (list: ListValue) => elementAt(list, 0)),
  fn('optional.unwrap', 'optional_unwrap', [OPTIONALS], LIST_V, unwrap),
  member('unwrapOpt', 'optional_unwrapOpt', [OPTIONALS], LIST_V, unwrap),
];
