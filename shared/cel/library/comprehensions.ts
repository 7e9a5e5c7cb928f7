/**
 * Functions with which the two-variable macros build maps
 * (https://github.com/google/cel-go/blob/master/ext/comprehensions.go).
 */

import { OPERATOR } from '../ast.ts';
import type { FunctionDeclaration } from '../declaration.ts';
import { CelError } from '../error.ts';
import { mapType, typeParam } from '../type.ts';
import { EntryMap, MapValue, type Value } from '../value.ts';

const K = typeParam('K');
const V = typeParam('V');
const MAP_KV = mapType(K, V);

function insert(map: MapValue, key: Value, value: Value): Value {
  if (map.find(key) !== undefined) return new CelError(`insert failed: key ${String(key)} already exists`);
  const own = map instanceof EntryMap ? map : new EntryMap(entriesOf(map));
  return own.with(key, value);
}

function* entriesOf(map: MapValue): Iterable<readonly [Value, Value]> {
  for (const key of map.keys()) yield [key, map.find(key)!];
}

function insertAll(map: MapValue, more: MapValue): Value {
  let result = map;
  for (const [key, value] of entriesOf(more)) {
    const next = insert(result, key, value);
    if (!(next instanceof MapValue)) return next;
    result = next;
  }
  return result;
}

export const MAP_INSERT: readonly FunctionDeclaration[] = [
  {
    name: OPERATOR.mapInsert,
    overloads: [
      {
        id: 'cel_@mapInsert_map_key_value',
        member: false,
        args: [MAP_KV, K, V],
        result: MAP_KV,
        call: insert,
      },
      {
        id: 'cel_@mapInsert_map_map',
        member: false,
        args: [MAP_KV, MAP_KV],
        result: MAP_KV,
        call: insertAll,
      },
    ],
  },
];
