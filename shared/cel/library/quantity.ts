/** Resource quantities (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/library/quantity.go). */

import { Quantity, QuantityError } from '../../runtime/quantity.ts';
import { type FunctionDeclaration, fn, member } from '../declaration.ts';
import { CelError, NO_SUCH_OVERLOAD } from '../error.ts';
import { BOOL, DOUBLE, INT, objectType, STRING } from '../type.ts';
import { ObjectValue, type Value } from '../value.ts';

export const QUANTITY_TYPE = objectType('kubernetes.Quantity');

class QuantityValue extends ObjectValue {
  readonly type = QUANTITY_TYPE;
  readonly quantity: Quantity;
  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }
  equals(other: Value): boolean | CelError {
    return other instanceof QuantityValue ? this.quantity.equals(other.quantity) : NO_SUCH_OVERLOAD;
  }
}

function parse(text: string): Value {
  try {
    return new QuantityValue(Quantity.parse(text));
  } catch (error) {
    if (error instanceof QuantityError) return new CelError(error.message);
    throw error;
  }
}

type Operand = QuantityValue | bigint;

function operand(value: Operand): Quantity {
  return typeof value === 'bigint' ? Quantity.fromInteger(value) : value.quantity;
}

const add = (a: QuantityValue, b: Operand): Value => new QuantityValue(a.quantity.add(operand(b)));
const sub = (a: QuantityValue, b: Operand): Value => new QuantityValue(a.quantity.sub(operand(b)));
const cmp = (a: QuantityValue, b: QuantityValue): number => a.quantity.cmp(b.quantity);

const Q = QUANTITY_TYPE;

export const QUANTITY: readonly FunctionDeclaration[] = [
  fn('quantity', 'string_to_quantity', [STRING], Q, parse),
  fn(
    'isQuantity',
    'is_quantity_string',
    [STRING],
    BOOL,
    (text: string) => !(parse(text) instanceof CelError),
  ),
  fn('sign', 'quantity_sign', [Q], INT, (a: QuantityValue) => BigInt(a.quantity.sign)),
  member(
    'isGreaterThan',
    'quantity_is_greater_than',
    [Q, Q],
    BOOL,
    (a: QuantityValue, b: QuantityValue) => cmp(a, b) === 1,
  ),
  member(
    'isLessThan',
    'quantity_is_less_than',
    [Q, Q],
    BOOL,
    (a: QuantityValue, b: QuantityValue) => cmp(a, b) === -1,
  ),
  member('compareTo', 'quantity_compare_to', [Q, Q], INT, (a: QuantityValue, b: QuantityValue) =>
    BigInt(cmp(a, b)),
  ),
  member('asApproximateFloat', 'quantity_get_float', [Q], DOUBLE, (a: QuantityValue) =>
    a.quantity.asNumber(),
  ),
  member(
    'asInteger',
    'quantity_get_int',
    [Q],
    INT,
    (a: QuantityValue) => a.quantity.asInt64() ?? new CelError('cannot convert value to integer'),
  ),
  member(
    'isInteger',
    'quantity_is_integer',
    [Q],
    BOOL,
    (a: QuantityValue) => a.quantity.asInt64() !== undefined,
  ),
  member('add', 'quantity_add', [Q, Q], Q, add),
  member('add', 'quantity_add_int', [Q, INT], Q, add),
  member('sub', 'quantity_sub', [Q, Q], Q, sub),
  member('sub', 'quantity_sub_int', [Q, INT], Q, sub),
];
