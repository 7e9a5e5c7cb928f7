/** Field, element and entry access (https://github.com/google/cel-go/blob/master/interpreter/attributes.go). */

import { CelError } from '../error.ts';
import { ListValue, MapValue, ObjectValue, Optional, typeOf, Uint, type Value } from '../value.ts';
import type { Frame, Plan, Step } from './plan.ts';

/** Returns a field, an element or an entry of a value; undefined if it is absent. */
function lookup(operand: Value, key: Value): Value | undefined {
  if (operand instanceof MapValue) return operand.find(key);
  if (operand instanceof ListValue) {
    const index = listIndex(key);
    if (index instanceof CelError) return index;
    return index >= 0 && index < operand.size ? operand.get(index) : undefined;
  }
  if (operand instanceof ObjectValue && typeof key === 'string') return operand.find(key);
  return undefined;
}

function listIndex(key: Value): number | CelError {
  if (typeof key === 'bigint') return Number(key);
  if (key instanceof Uint) return Number(key.value);
  if (typeof key === 'number') {
    return Number.isInteger(key) ? key : new CelError(`unsupported index value ${key} in list`);
  }
  return new CelError(`unsupported index type '${typeOf(key).name}' in list`);
}

/** Formats a key for messages. */
export function showKey(key: Value): string {
  if (key instanceof Uint) return String(key.value);
  if (typeof key === 'object' && key !== null) return typeOf(key).name;
  return String(key);
}

function absent(operand: Value, key: Value): CelError {
  return operand instanceof ListValue
    ? new CelError(`index out of bounds: ${showKey(key)}`)
    : new CelError(`no such key: ${showKey(key)}`);
}

/** Selects: `operand.key` and `operand[key]`. A selection from an optional yields an optional. */
export function qualify(operand: Value, key: Value): Value {
  if (operand instanceof Optional) return qualifyOptionally(operand, key);
  if (operand instanceof CelError) return operand;
  if (key instanceof CelError) return key;
  const found = lookup(operand, key);
  return found === undefined ? absent(operand, key) : found;
}

/** Selects optionally: `operand.?key` and `operand[?key]`. An absent part yields `optional.none()`. */
export function qualifyOptionally(operand: Value, key: Value): Value {
  if (operand instanceof CelError) return operand;
  if (key instanceof CelError) return key;
  const unwrapped = operand instanceof Optional ? operand.value : operand;
  if (unwrapped === undefined) return Optional.none;
  const found = lookup(unwrapped, key);
  if (found instanceof CelError) return found;
  return found === undefined ? Optional.none : new Optional(found);
}

/** Whether the field is present: `has(operand.field)`. */
export function isPresent(operand: Value, field: string): Value {
  if (operand instanceof CelError) return operand;
  const unwrapped = operand instanceof Optional ? operand.value : operand;
  if (unwrapped === undefined || unwrapped instanceof ListValue) return false;
  const found = lookup(unwrapped, field);
  return found instanceof CelError ? found : found !== undefined;
}

/** Appends a selection to a chain. If the chain starts at a call, the start costs 1. */
export function qualified(operand: Plan, select: (value: Value, frame: Frame) => Value): Plan {
  const rooted: Step =
    operand.runRootFree === undefined
      ? (frame) => {
          const value = operand.run(frame);
          frame.charge(1);
          return value;
        }
      : operand.run;
  const free = operand.runRootFree ?? operand.run;
  const after =
    (before: Step): Step =>
    (frame) => {
      const value = select(before(frame), frame);
      if (value !== Optional.none) frame.charge(1);
      return value;
    };
  return { run: after(rooted), runRootFree: after(free) };
}
