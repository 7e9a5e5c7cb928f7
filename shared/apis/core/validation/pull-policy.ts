import { type FieldError, notSupported, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];

export function validatePullPolicy(policy: string | undefined, path: FieldPath): FieldError[] {
  if (!policy) return [required(path, '')];
  return PULL_POLICIES.includes(policy) ? [] : [notSupported(path, policy, PULL_POLICIES)];
}
