/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/resource/validation/validation.go */

import {
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

/** `old`: the stored taint, whose effect may stay. */
export function validateDeviceTaint(
  { key, value, effect }: DeviceTaint,
  path: FieldPath,
  old?: DeviceTaint,
): FieldError[] {
  const errors = validateLabelName(key, path.child('key'));
  if (value) appendAll(errors, validateLabelValue(value, path.child('value')));
  if (old?.effect === effect) return errors;
  if (effect === '') return [...errors, required(path.child('effect'), '')];
  return EFFECTS.includes(effect) ? errors : [...errors, notSupported(path.child('effect'), effect, EFFECTS)];
}

export function validateDeviceToleration(
  { key, operator = '', value = '', effect }: DeviceToleration,
  path: FieldPath,
): FieldError[] {
  const errors = key ? validateLabelName(key, path.child('key')) : [];
  const valuePath = path.child('value');
  if (operator === 'Exists') {
    if (value !== '') errors.push(invalid(valuePath, value, 'must be empty for operator `Exists`'));
  } else if (operator === 'Equal') appendAll(errors, validateLabelValue(value, valuePath));
  else if (operator === '') errors.push(required(path.child('operator'), ''));
  else errors.push(notSupported(path.child('operator'), operator, OPERATORS));
  if (!effect || EFFECTS.includes(effect)) return errors;
  return [...errors, notSupported(path.child('effect'), effect, EFFECTS)];
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
