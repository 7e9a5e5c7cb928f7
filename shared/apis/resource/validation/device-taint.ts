/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/resource/validation/validation.go */

import {
  covered,
  type FieldError,
  invalid,
  invalidEach,
  notSupported,
  required,
  tooMany,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import { isValidLabelValue } from '../../../meta/validation/names.ts';
import { validateLabelName } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';
import { validateDNS1123Label } from '../../core/validation/helpers.ts';
import { validateCSIDriverName } from '../../core/validation/volume-sources.ts';
import type { DeviceTaint, DeviceToleration } from '../v1/types.ts';
import type { DeviceTaintRule } from '../v1beta2/types.ts';
import { validatePoolName } from './names.ts';

const SPEC = FieldPath.of('spec');
const CONDITIONS = FieldPath.of('status', 'conditions');
const EFFECTS = ['NoExecute', 'NoSchedule', 'None'];
const OPERATORS = ['Equal', 'Exists'];
const MAX_CONDITIONS = 8;

const validateLabelValue = (value: string, path: FieldPath): FieldError[] =>
  invalidEach(path, value, isValidLabelValue(value));

/** `old` is the stored taint, whose effect may stay. */
export function validateDeviceTaint(
  { key, value, effect }: DeviceTaint,
  path: FieldPath,
  old?: DeviceTaint,
): FieldError[] {
  const errors = validateLabelName(key, path.child('key'));
  if (value) appendAll(errors, validateLabelValue(value, path.child('value')));
  if (old?.effect === effect) return errors;
  if (EFFECTS.includes(effect)) return errors;
  const at = path.child('effect');
  return [...errors, ...covered([effect === '' ? required(at, '') : notSupported(at, effect, EFFECTS)])];
}

export function validateDeviceToleration(
  { key, operator = '', value = '', effect }: DeviceToleration,
  path: FieldPath,
): FieldError[] {
  const errors = key ? covered(validateLabelName(key, path.child('key'))) : [];
  const operatorPath = path.child('operator');
  const valuePath = path.child('value');
  if (operator === 'Exists') {
    if (value !== '') errors.push(invalid(valuePath, value, 'must be empty for operator `Exists`'));
  } else if (operator === 'Equal') appendAll(errors, validateLabelValue(value, valuePath));
  else {
    const isMissing = operator === '';
    const error = isMissing ? required(operatorPath, '') : notSupported(operatorPath, operator, OPERATORS);
    appendAll(errors, covered([error]));
  }
  if (!effect || EFFECTS.includes(effect)) return errors;
  return [...errors, ...covered([notSupported(path.child('effect'), effect, EFFECTS)])];
}

export function validateDeviceTaintRule({ spec }: DeviceTaintRule, old?: DeviceTaintRule): FieldError[] {
  const { driver, pool, device } = spec.deviceSelector ?? {};
  const at = SPEC.child('deviceSelector');
  return [
    ...(driver === undefined ? [] : validateCSIDriverName(driver, at.child('driver'))),
    ...(pool === undefined ? [] : validatePoolName(pool, at.child('pool'))),
    ...(device === undefined ? [] : validateDNS1123Label(device, at.child('device'))),
    ...validateDeviceTaint(spec.taint, SPEC.child('taint'), old?.spec.taint),
  ];
}

export function validateDeviceTaintRuleStatus({ status }: DeviceTaintRule): FieldError[] {
  const { conditions } = status;
  const errors = validateConditions(conditions, CONDITIONS);
  const count = conditions?.length ?? 0;
  return count > MAX_CONDITIONS ? [...errors, tooMany(CONDITIONS, count, MAX_CONDITIONS)] : errors;
}
