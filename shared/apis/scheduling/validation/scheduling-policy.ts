import { type FieldError, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { minimumError, validateUnion } from '../../../meta/validation/declarative.ts';
import type { PodGroupSchedulingPolicy } from '../v1alpha2/types.ts';

export function validateSchedulingPolicy(policy: PodGroupSchedulingPolicy, path: FieldPath): FieldError[] {
  const errors = validateUnion(policy, ['basic', 'gang'], path);
  if (!policy.gang) return errors;
  const { minCount } = policy.gang;
  const at = path.child('gang', 'minCount');
  if (minCount === 0) errors.push(required(at, ''));
  else if (minCount < 1) errors.push(minimumError(at, minCount, 1));
  return errors;
}
