import type { FieldError } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { Role } from '../v1/types.ts';
import { validatePolicyRule } from './policy-rule.ts';

const RULES = FieldPath.of('rules');

export function validateRole({ rules }: Role): FieldError[] {
  return (rules ?? []).flatMap((rule, index) => validatePolicyRule(rule, 'Namespaced', RULES.index(index)));
}
