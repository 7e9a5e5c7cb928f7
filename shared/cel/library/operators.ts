/** The operators for all types that support them, including comparisons across numeric types. */

import { OPERATOR } from '../ast.ts';
import type { FunctionDeclaration, Overload } from '../declaration.ts';
import { CelError, NO_SUCH_OVERLOAD } from '../error.ts';
import { checkListSize, checkTextSize } from '../size-limits.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  INT,
  listType,
  mapType,
  STRING,
  TIMESTAMP,
  typeParam,
  UINT,
} from '../type.ts';
import {
  compare,
  Duration,
  equal,
  isComparable,
  isInt64,
  isUint64,
  ListValue,
  MapValue,
  Timestamp,
  Uint,
  type Value,
} from '../value.ts';
import { timestamp } from './time.ts';

const A = typeParam('A');
const B = typeParam('B');
const LIST_A = listType(A);
const MAP_AB = mapType(A, B);

function overload(id: string, args: readonly CelType[], result: CelType): Overload {
  return { id, member: false, args, result };
}

function noSuchOverload(operator: string): CelError {
  return new CelError(`no such overload: ${operator}`);
}

export function int(value: bigint): Value {
  return isInt64(value) ? value : new CelError('integer overflow');
}

export function uint(value: bigint): Value {
  return isUint64(value) ? new Uint(value) : new CelError('unsigned integer overflow');
}

function duration(nanos: bigint): Value {
  return isInt64(nanos) ? new Duration(nanos) : new CelError('duration overflow');
}

/** `a + b`; also used by `sum`. */
export function add(a: Value, b: Value): Value {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int(a + b) : NO_SUCH_OVERLOAD;
  if (typeof a === 'number') return typeof b === 'number' ? a + b : NO_SUCH_OVERLOAD;
  if (typeof a === 'string') {
    if (typeof b !== 'string') return NO_SUCH_OVERLOAD;
    checkTextSize(a.length + b.length);
    return a + b;
  }
  if (a instanceof ListValue) {
    if (!(b instanceof ListValue)) return NO_SUCH_OVERLOAD;
    checkListSize(a.size + b.size);
    return a.concat(b);
  }
  if (a instanceof Uint) return b instanceof Uint ? uint(a.value + b.value) : NO_SUCH_OVERLOAD;
  if (a instanceof Uint8Array) {
    if (!(b instanceof Uint8Array)) return NO_SUCH_OVERLOAD;
    checkTextSize(a.length + b.length);
    return Buffer.concat([a, b]);
  }
  if (a instanceof Duration) {
    if (b instanceof Duration) return duration(a.nanos + b.nanos);
    return b instanceof Timestamp ? timestamp(a.nanos + b.nanos) : NO_SUCH_OVERLOAD;
  }
  if (a instanceof Timestamp) return b instanceof Duration ? timestamp(a.nanos + b.nanos) : NO_SUCH_OVERLOAD;
  return noSuchOverload(OPERATOR.add);
}

function subtract(a: Value, b: Value): Value {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int(a - b) : NO_SUCH_OVERLOAD;
  if (typeof a === 'number') return typeof b === 'number' ? a - b : NO_SUCH_OVERLOAD;
  if (a instanceof Uint) return b instanceof Uint ? uint(a.value - b.value) : NO_SUCH_OVERLOAD;
  if (a instanceof Duration) return b instanceof Duration ? duration(a.nanos - b.nanos) : NO_SUCH_OVERLOAD;
  if (a instanceof Timestamp) {
    if (b instanceof Timestamp) return duration(a.nanos - b.nanos);
    return b instanceof Duration ? timestamp(a.nanos - b.nanos) : NO_SUCH_OVERLOAD;
  }
  return noSuchOverload(OPERATOR.subtract);
}

function multiply(a: Value, b: Value): Value {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int(a * b) : NO_SUCH_OVERLOAD;
  if (typeof a === 'number') return typeof b === 'number' ? a * b : NO_SUCH_OVERLOAD;
  if (a instanceof Uint) return b instanceof Uint ? uint(a.value * b.value) : NO_SUCH_OVERLOAD;
  return noSuchOverload(OPERATOR.multiply);
}

const DIVISION_BY_ZERO = new CelError('division by zero');
const MODULUS_BY_ZERO = new CelError('modulus by zero');

function divide(a: Value, b: Value): Value {
  if (typeof a === 'number') return typeof b === 'number' ? a / b : NO_SUCH_OVERLOAD;
  if (typeof a === 'bigint') {
    if (typeof b !== 'bigint') return NO_SUCH_OVERLOAD;
    return b === 0n ? DIVISION_BY_ZERO : int(a / b);
  }
  if (a instanceof Uint) {
    if (!(b instanceof Uint)) return NO_SUCH_OVERLOAD;
    return b.value === 0n ? DIVISION_BY_ZERO : uint(a.value / b.value);
  }
  return noSuchOverload(OPERATOR.divide);
}

function modulo(a: Value, b: Value): Value {
  if (typeof a === 'bigint') {
    if (typeof b !== 'bigint') return NO_SUCH_OVERLOAD;
    return b === 0n ? MODULUS_BY_ZERO : int(a % b);
  }
  if (a instanceof Uint) {
    if (!(b instanceof Uint)) return NO_SUCH_OVERLOAD;
    return b.value === 0n ? MODULUS_BY_ZERO : uint(a.value % b.value);
  }
  return noSuchOverload(OPERATOR.modulo);
}

function negate(a: Value): Value {
  if (typeof a === 'bigint') return int(-a);
  if (typeof a === 'number') return -a;
  if (a instanceof Duration) return duration(-a.nanos);
  return noSuchOverload(OPERATOR.negate);
}

function ordering(name: string, holds: (order: number) => boolean): (a: Value, b: Value) => Value {
  return (a, b) => {
    const order = compare(a, b);
    if (order === undefined) return isComparable(a) ? NO_SUCH_OVERLOAD : noSuchOverload(name);
    return order instanceof CelError ? order : holds(order);
  };
}

function contains(value: Value, container: Value): Value {
  if (container instanceof ListValue) return container.includes(value);
  if (container instanceof MapValue) {
    const found = container.find(value);
    return found instanceof CelError ? found : found !== undefined;
  }
  return noSuchOverload(OPERATOR.in);
}

function notEqual(a: Value, b: Value): Value {
  const same = equal(a, b);
  return same instanceof CelError ? same : !same;
}

type Named = readonly (readonly [string, CelType])[];

const NUMERIC: Named = [
  ['int64', INT],
  ['uint64', UINT],
  ['double', DOUBLE],
];
const ORDERED: Named = [
  ['bool', BOOL],
  ...NUMERIC,
  ['string', STRING],
  ['bytes', BYTES],
  ['timestamp', TIMESTAMP],
  ['duration', DURATION],
];

/** Overloads within each type, then across numeric types. */
function orderingOverloads(prefix: string): Overload[] {
  const same = ORDERED.map(([name, type]) => overload(`${prefix}_${name}`, [type, type], BOOL));
  const cross = NUMERIC.flatMap(([left, leftType]) =>
    NUMERIC.filter(([right]) => right !== left).map(([right, rightType]) =>
      overload(`${prefix}_${left}_${right}`, [leftType, rightType], BOOL),
    ),
  );
  return [...same, ...cross];
}

function closed(prefix: string, types: Named): Overload[] {
  return types.map(([name, type]) => overload(`${prefix}_${name}`, [type, type], type));
}

function binary(
  name: string,
  overloads: readonly Overload[],
  call: (a: Value, b: Value) => Value,
): FunctionDeclaration {
  return { name, overloads, call: (...args) => call(args[0]!, args[1]!) };
}

function unary(name: string, overloads: readonly Overload[], call: (a: Value) => Value): FunctionDeclaration {
  return { name, overloads, call: (...args) => call(args[0]!) };
}

function comparison(name: string, prefix: string, holds: (order: number) => boolean): FunctionDeclaration {
  return binary(name, orderingOverloads(prefix), ordering(name, holds));
}

/** Operators without an implementation are handled by the interpreter. */
export const OPERATORS: readonly FunctionDeclaration[] = [
  { name: OPERATOR.conditional, overloads: [overload('conditional', [BOOL, A, A], A)] },
  { name: OPERATOR.and, overloads: [overload('logical_and', [BOOL, BOOL], BOOL)] },
  { name: OPERATOR.or, overloads: [overload('logical_or', [BOOL, BOOL], BOOL)] },
  { name: OPERATOR.notStrictlyFalse, overloads: [overload('not_strictly_false', [BOOL], BOOL)] },
  {
    name: OPERATOR.index,
    overloads: [overload('index_list', [LIST_A, INT], A), overload('index_map', [MAP_AB, A], B)],
  },
  unary(OPERATOR.not, [overload('logical_not', [BOOL], BOOL)], (value) =>
    typeof value === 'boolean' ? !value : NO_SUCH_OVERLOAD,
  ),
  unary(
    OPERATOR.negate,
    [overload('negate_int64', [INT], INT), overload('negate_double', [DOUBLE], DOUBLE)],
    negate,
  ),
  binary(OPERATOR.equals, [overload('equals', [A, A], BOOL)], equal),
  binary(OPERATOR.notEquals, [overload('not_equals', [A, A], BOOL)], notEqual),
  binary(
    OPERATOR.add,
    [
      ...closed('add', [...NUMERIC, ['string', STRING], ['bytes', BYTES]]),
      overload('add_list', [LIST_A, LIST_A], LIST_A),
      overload('add_duration_duration', [DURATION, DURATION], DURATION),
      overload('add_duration_timestamp', [DURATION, TIMESTAMP], TIMESTAMP),
      overload('add_timestamp_duration', [TIMESTAMP, DURATION], TIMESTAMP),
    ],
    add,
  ),
  binary(
    OPERATOR.subtract,
    [
      ...closed('subtract', NUMERIC),
      overload('subtract_duration_duration', [DURATION, DURATION], DURATION),
      overload('subtract_timestamp_duration', [TIMESTAMP, DURATION], TIMESTAMP),
      overload('subtract_timestamp_timestamp', [TIMESTAMP, TIMESTAMP], DURATION),
    ],
    subtract,
  ),
  binary(OPERATOR.multiply, closed('multiply', NUMERIC), multiply),
  binary(OPERATOR.divide, closed('divide', NUMERIC), divide),
  binary(OPERATOR.modulo, closed('modulo', NUMERIC.slice(0, 2)), modulo),
  comparison(OPERATOR.less, 'less', (order) => order < 0),
  comparison(OPERATOR.lessEquals, 'less_equals', (order) => order <= 0),
  comparison(OPERATOR.greater, 'greater', (order) => order > 0),
  comparison(OPERATOR.greaterEquals, 'greater_equals', (order) => order >= 0),
  binary(
    OPERATOR.in,
    [overload('in_list', [A, LIST_A], BOOL), overload('in_map', [A, MAP_AB], BOOL)],
    contains,
  ),
];
