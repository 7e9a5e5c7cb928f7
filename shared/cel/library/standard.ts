/**
 * CEL's standard functions and type names
 * (https://github.com/google/cel-spec/blob/master/doc/langdef.md#standard-definitions).
 */

import { type FunctionDeclaration, fn, member } from '../declaration.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  LIST,
  listType,
  MAP,
  mapType,
  NULL,
  STRING,
  TIMESTAMP,
  TYPE,
  typeParam,
  typeType,
  UINT,
} from '../type.ts';
import { costSize, typeOf, type Value } from '../value.ts';
import { CONVERSIONS } from './conversions.ts';
import { OPERATORS } from './operators.ts';
import { MATCHES } from './regex.ts';
import { TIME_FUNCTIONS } from './time.ts';

const A = typeParam('A');
const B = typeParam('B');

const SIZED: readonly (readonly [string, CelType])[] = [
  ['string', STRING],
  ['bytes', BYTES],
  ['list', listType(A)],
  ['map', mapType(A, B)],
];

const size = (value: Value): Value => BigInt(costSize(value));

export const STANDARD: readonly FunctionDeclaration[] = [
  ...OPERATORS,
  ...CONVERSIONS,
  MATCHES,
  ...TIME_FUNCTIONS,
  {
    name: 'size',
    overloads: SIZED.flatMap(([name, type]) => [
      { id: `size_${name}`, member: false, args: [type], result: INT, call: size },
      { id: `${name}_size`, member: true, args: [type], result: INT, call: size },
    ]),
  },
  fn('type', 'type', [A], typeType(A), typeOf),
  fn('dyn', 'to_dyn', [A], DYN, (value: Value) => value),
  member('contains', 'contains_string', [STRING, STRING], BOOL, (text: string, part: string) =>
    text.includes(part),
  ),
  member('endsWith', 'ends_with_string', [STRING, STRING], BOOL, (text: string, end: string) =>
    text.endsWith(end),
  ),
  member('startsWith', 'starts_with_string', [STRING, STRING], BOOL, (text: string, start: string) =>
    text.startsWith(start),
  ),
];

/** Type names usable in expressions. */
export const STANDARD_TYPES: ReadonlyMap<string, CelType> = new Map(
  [BOOL, BYTES, DOUBLE, DURATION, DYN, INT, LIST, MAP, NULL, STRING, TIMESTAMP, TYPE, UINT].map((type) => [
    type.name,
    type,
  ]),
);
