import { type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { IS_NEGATIVE_ERROR } from '../../../meta/validation/format.ts';
import { Quantity } from '../../../runtime/quantity.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { HPAScalingPolicy, HPAScalingRules } from '../v2/types.ts';

const MAX_PERIOD_SECONDS = 1800;
const MAX_STABILIZATION_WINDOW_SECONDS = 3600;
const SELECT_POLICIES = ['Disabled', 'Max', 'Min'];
const POLICY_TYPES = ['Percent', 'Pods'];

export function validateScalingRules(rules: HPAScalingRules | undefined, path: FieldPath): FieldError[] {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: seconds, selectPolicy, policies, tolerance } = rules;
  const errors: FieldError[] = [];
  const window = path.child('stabilizationWindowSeconds');
  if (seconds !== undefined && seconds < 0) {
    errors.push(invalid(window, seconds, 'must be greater than or equal to zero'));
  }
  if (seconds !== undefined && seconds > MAX_STABILIZATION_WINDOW_SECONDS) {
    const detail = `must be less than or equal to ${MAX_STABILIZATION_WINDOW_SECONDS}`;
    errors.push(invalid(window, seconds, detail));
  }
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy)) {
    errors.push(notSupported(path.child('selectPolicy'), selectPolicy, SELECT_POLICIES));
  }
  if (!policies?.length) errors.push(required(path.child('policies'), 'must specify at least one Policy'));
  for (const [index, policy] of (policies ?? []).entries()) {
    appendAll(errors, validateScalingPolicy(policy, path.child('policies').index(index)));
  }
  if (tolerance !== undefined && Quantity.parse(tolerance).sign < 0) {
    errors.push(invalid(path.child('tolerance'), tolerance, IS_NEGATIVE_ERROR));
  }
  return errors;
}

function validateScalingPolicy(
  { type, value, periodSeconds }: HPAScalingPolicy,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!POLICY_TYPES.includes(type)) errors.push(notSupported(path.child('type'), type, POLICY_TYPES));
  if (value <= 0) errors.push(invalid(path.child('value'), value, 'must be greater than zero'));
  const period = path.child('periodSeconds');
  if (periodSeconds <= 0) errors.push(invalid(period, periodSeconds, 'must be greater than zero'));
  if (periodSeconds > MAX_PERIOD_SECONDS) {
    errors.push(invalid(period, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`));
  }
  return errors;
}
