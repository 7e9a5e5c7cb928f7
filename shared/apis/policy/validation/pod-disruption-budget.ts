/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/policy/validation/validation.go */

import { type FieldError, invalid, notSupported } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import { validateLabelSelector } from '../../../meta/validation/label-selector.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import {
  isNotMoreThan100Percent,
  validatePositiveIntOrPercent,
} from '../../apps/validation/int-or-percent.ts';
import type { PodDisruptionBudget } from '../v1/types.ts';

const SPEC = FieldPath.of('spec');
const STATUS = FieldPath.of('status');
const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

/** `old` is the stored budget, whose invalid label values an update may keep. */
export function validatePodDisruptionBudget(
  { spec }: PodDisruptionBudget,
  old?: PodDisruptionBudget,
): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: eviction } = spec;
  const errors: FieldError[] = [];
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = {
      MinAvailable: minAvailable,
      Selector: selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: eviction ?? null,
    };
    errors.push(invalid(SPEC, shown, 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const [field, value] of Object.entries({ minAvailable, maxUnavailable })) {
    if (value === undefined) continue;
    appendAll(errors, validatePositiveIntOrPercent(value, SPEC.child(field)));
    appendAll(errors, isNotMoreThan100Percent(value, SPEC.child(field)));
  }
  const allowInvalidLabelValueInSelector = validateLabelSelector(old?.spec.selector, SPEC).length > 0;
  const options = { allowInvalidLabelValueInSelector };
  appendAll(errors, validateLabelSelector(selector, SPEC.child('selector'), options));
  if (eviction !== undefined && !EVICTION_POLICIES.includes(eviction)) {
    errors.push(notSupported(SPEC.child('unhealthyPodEvictionPolicy'), eviction, EVICTION_POLICIES));
  }
  return errors;
}

const COUNTS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;

/** v1beta1 permits negative counts. */
export function validatePodDisruptionBudgetStatus(
  { status }: PodDisruptionBudget,
  apiVersion: string,
): FieldError[] {
  const errors = validateConditions(status.conditions, STATUS.child('conditions'));
  if (apiVersion === 'v1beta1') return errors;
  return errors.concat(
    COUNTS.flatMap((field) => validateNonnegativeField(status[field], STATUS.child(field))),
  );
}
