import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { PolicyRule } from '../v1/types.ts';

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/rbac/validation/validation.go */
export function validatePolicyRule(
  rule: PolicyRule,
  scope: 'Cluster' | 'Namespaced',
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!rule.verbs?.length) {
    errors.push(required(path.child('verbs'), 'verbs must contain at least one value'));
  }
  const { nonResourceURLs } = rule;
  if (nonResourceURLs?.length) {
    const at = path.child('nonResourceURLs');
    if (scope === 'Namespaced') {
      errors.push(invalid(at, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    }
    if (rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length) {
      const detail = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(invalid(at, nonResourceURLs, detail));
    }
    return errors;
  }
  if (!rule.apiGroups?.length) {
    errors.push(required(path.child('apiGroups'), 'resource rules must supply at least one api group'));
  }
  if (!rule.resources?.length) {
    errors.push(required(path.child('resources'), 'resource rules must supply at least one resource'));
  }
  return errors;
}
