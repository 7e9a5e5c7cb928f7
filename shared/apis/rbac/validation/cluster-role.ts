import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { labelSelectorAsSelector } from '../../../meta/labels.ts';
import {
  labelSelectorHasInvalidLabelValue,
  validateLabelSelector,
} from '../../../meta/validation/label-selector.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { ClusterRole } from '../v1/types.ts';
import { validatePolicyRule } from './policy-rule.ts';

const RULES = FieldPath.of('rules');
const SELECTORS = FieldPath.of('aggregationRule', 'clusterRoleSelectors');

/** `old` is the stored role, whose invalid label values an update may keep. */
export function validateClusterRole(
  { rules, aggregationRule }: ClusterRole,
  old?: ClusterRole,
): FieldError[] {
  const errors = (rules ?? []).flatMap((rule, index) =>
    validatePolicyRule(rule, 'Cluster', RULES.index(index)),
  );
  if (!aggregationRule) return errors;
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    const detail = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
    errors.push(required(SELECTORS, detail));
  }
  const allowInvalidLabelValueInSelector = (old?.aggregationRule?.clusterRoleSelectors ?? []).some(
    labelSelectorHasInvalidLabelValue,
  );
  for (const [index, selector] of selectors.entries()) {
    const options = { allowInvalidLabelValueInSelector };
    const path = SELECTORS.index(index);
    appendAll(errors, validateLabelSelector(selector, path, options));
    try {
      labelSelectorAsSelector(selector);
    } catch {
      errors.push(invalid(path, null, 'invalid label selector.'));
    }
  }
  return errors;
}
