/** Rules for tolerations, and for the effects of taints. */

import { type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isValidLabelValue } from '../../../meta/validation/names.ts';
import { validateLabelName } from '../../../meta/validation/object-meta.ts';
import { isDecimalInteger } from '../../../meta/validation/values.ts';
import { quote } from '../../../runtime/go-format.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Toleration } from '../v1/types.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';

const OPERATORS = ['Equal', 'Exists'];
const COMPARISONS = ['Lt', 'Gt'];

const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const MATCH_ALL = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';

export function validateTaintEffect(effect: string | undefined, path: FieldPath): FieldError[] {
  if (!effect) return [required(path, '')];
  return TAINT_EFFECTS.includes(effect) ? [] : [notSupported(path, effect, TAINT_EFFECTS)];
}

/** Without options, comparison operators are not allowed. */
type Allows = Pick<PodValidationOptions, 'allows'> | undefined;

/** 64-bit integers in Go's notation. */
function validateNumber(value: string, path: FieldPath): FieldError[] {
  const errors = isDecimalInteger(value).map((text) => invalid(path, value, text));
  const quoted = `strconv.ParseInt: parsing ${quote(value)}: `;
  if (!/^[-+]?[0-9]+$/.test(value)) errors.push(invalid(path, value, `${quoted}invalid syntax`));
  else if (BigInt.asIntN(64, BigInt(value.replace('+', ''))) !== BigInt(value.replace('+', ''))) {
    errors.push(invalid(path, value, `${quoted}value out of range`));
  }
  return errors;
}

function validateToleration(toleration: Toleration, path: FieldPath, options: Allows): FieldError[] {
  const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration;
  const at = path.child('operator');
  const errors = key === '' ? [] : validateLabelName(key, path.child('key'));
  if (key === '' && operator !== 'Exists') errors.push(invalid(at, operator, MATCH_ALL));
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errors.push(invalid(path.child('effect'), effect, detail));
  }
  if (operator === '' || operator === 'Equal') {
    const messages = isValidLabelValue(value);
    if (messages.length > 0) errors.push(invalid(at, value, messages.join(';')));
  } else if (operator === 'Exists') {
    if (value !== '') errors.push(invalid(at, value, "value must be empty when `operator` is 'Exists'"));
  } else if (COMPARISONS.includes(operator) && options?.allows('TaintTolerationComparisonOperators')) {
    appendAll(errors, validateNumber(value, path.child('value')));
  } else {
    // The error lists comparison operators as supported even if their gate is off.
    const known = COMPARISONS.includes(operator) ? [...OPERATORS, ...COMPARISONS] : OPERATORS;
    errors.push(notSupported(at, operator, known));
  }
  // An empty effect tolerates all.
  return effect === '' ? errors : [...errors, ...validateTaintEffect(effect, path.child('effect'))];
}

export function validateTolerations(
  tolerations: readonly Toleration[] | undefined,
  path: FieldPath,
  options: Allows,
): FieldError[] {
  return (tolerations ?? []).flatMap((toleration, index) =>
    validateToleration(toleration, path.index(index), options),
  );
}
