import { type FieldError, forbidden, invalid, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { Quantity } from '../../../runtime/quantity.ts';
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, DeviceCapacity } from '../v1/types.ts';
import { validateSet } from './collections.ts';

const MAX_OPTIONS = 10;

export interface CapacityOptions {
  /** Whether values may be fractional (feature gate DRAFractionalCapacityRange). */
  readonly fractions: boolean;
}

/** Validates the policy for requests of a capacity. */
export function validateCapacity(
  { value, requestPolicy }: DeviceCapacity,
  path: FieldPath,
  isShared: boolean,
  options: CapacityOptions,
): FieldError[] {
  if (!requestPolicy) return [];
  const at = path.child('requestPolicy');
  if (!isShared) return [forbidden(at, 'allowMultipleAllocations must be true')];
  const { validValues, validRange } = requestPolicy;
  if (!validValues?.length && !validRange) return [];
  if (validValues?.length && validRange) {
    const detail =
      'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    return [forbidden(at, detail)];
  }
  return validatePolicy(requestPolicy, Quantity.parse(value ?? '0'), at, options);
}

function validatePolicy(
  policy: CapacityRequestPolicy,
  capacity: Quantity,
  path: FieldPath,
  { fractions }: CapacityOptions,
): FieldError[] {
  const { default: wanted, validValues, validRange } = policy;
  const field = validRange ? 'validRange' : 'validValues';
  if (!wanted) return [required(path.child('default'), `required when ${field} is defined`)];
  const limits = { wanted: Quantity.parse(wanted), capacity, fractions };
  return validRange
    ? validateRange(validRange, limits, path.child(field))
    : validateValues((validValues ?? []).map(Quantity.parse), limits, path.child(field));
}

interface Limits {
  /** The default amount. */
  readonly wanted: Quantity;
  readonly capacity: Quantity;
  readonly fractions: boolean;
}

function validateValues(
  values: readonly Quantity[],
  { wanted, capacity, fractions }: Limits,
  path: FieldPath,
): FieldError[] {
  const unsorted = values.flatMap((value, index) =>
    index > 0 && values[index - 1]!.cmp(value) > 0
      ? [invalid(path.index(index), String(value), 'values must be sorted in ascending order')]
      : [],
  );
  const errors = validateSet(
    values,
    MAX_OPTIONS,
    (value, at) =>
      value.cmp(capacity) > 0
        ? [invalid(at, String(value), `option is larger than capacity value: ${capacity}`)]
        : [],
    // Detects equal amounts in different notations.
    (value) =>
      fractions ? values.findIndex((other) => other.cmp(value) === 0).toString() : String(value.value()),
    path,
  );
  const isFound = values.length <= MAX_OPTIONS && values.some((value) => value.cmp(wanted) === 0);
  const missing = isFound
    ? []
    : [invalid(path, String(wanted), 'default value is not valid according to the requestPolicy')];
  return [...unsorted, ...errors, ...missing];
}

function validateRange(
  range: CapacityRequestPolicyRange,
  { wanted, capacity, fractions }: Limits,
  path: FieldPath,
): FieldError[] {
  if (!range.min) return [required(path.child('min'), 'required when validRange is defined')];
  const min = Quantity.parse(range.min);
  const max = range.max ? Quantity.parse(range.max) : undefined;
  const errors: FieldError[] = [];
  const refuse = (field: string, value: Quantity, detail: string): void => {
    errors.push(invalid(path.child(field), String(value), detail));
  };
  if (min.cmp(capacity) > 0) refuse('min', min, `min is larger than capacity value: ${capacity}`);
  if (wanted.cmp(min) < 0) refuse('default', wanted, `default is less than min: ${min}`);
  if (max !== undefined) {
    if (min.cmp(max) > 0) refuse('max', min, `min is larger than max: ${max}`);
    if (max.cmp(capacity) > 0) refuse('max', max, `max is larger than capacity value: ${capacity}`);
    if (wanted.cmp(max) > 0) refuse('default', wanted, `default is more than max: ${max}`);
  }
  const step = range.step ? Quantity.parse(range.step) : undefined;
  const bounds = Object.entries({ default: wanted, min, ...(max && { max }), ...(step && { step }) });
  const inMilli = fractions && bounds.some(([, bound]) => !isWhole(bound));
  if (inMilli) {
    const fine = bounds.filter(([, bound]) => !isInMilli(bound));
    for (const [field, bound] of fine) refuse(field, bound, 'value cannot be represented as a milli value');
    if (fine.length > 0) return errors;
  }
  if (step === undefined) return errors;
  if (step.sign <= 0) {
    refuse('step', step, 'must be greater than zero');
    return errors;
  }
  const first = min.add(step);
  if (first.cmp(capacity) > 0) {
    refuse('step', step, `one step ${first} is larger than capacity value: ${capacity}`);
  }
  const unsafe = (inMilli ? [] : bounds).flatMap(([field, bound]) => validateBound(bound, path.child(field)));
  if (unsafe.length > 0) return [...errors, ...unsafe];
  const number = (quantity: Quantity): bigint => (inMilli ? quantity.milliValue() : quantity.value());
  for (const value of max === undefined ? [wanted] : [wanted, max]) {
    if ((number(value) - number(min)) % number(step) === 0n) continue;
    refuse('step', value, `value is not a multiple of a given step (${step}) from (${min})`);
  }
  return errors;
}

const isWhole = (quantity: Quantity): boolean => Quantity.fromInteger(quantity.value()).cmp(quantity) === 0;

/** Whether the amount in thousandths is a 64-bit integer. */
function isInMilli(quantity: Quantity): boolean {
  const milli = quantity.milliValue();
  return BigInt.asIntN(64, milli) === milli && Quantity.fromMilli(milli).cmp(quantity) === 0;
}

const MAX_BOUND = Quantity.fromInteger(2n ** 63n - 1n);

/** A bound for values that are counted in steps. */
function validateBound(bound: Quantity, path: FieldPath): FieldError[] {
  if (bound.sign < 0) return [invalid(path, String(bound), 'must be greater than or equal to 0')];
  if (bound.cmp(MAX_BOUND) <= 0) return [];
  return [invalid(path, String(bound), 'must not be larger than 9223372036854775807')];
}
