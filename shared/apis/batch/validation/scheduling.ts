/**
 * Validates the gang scheduling of a Job's pods, as far as its types can't declare the rules
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/batch/validation/validation.go, and
 * https://github.com/kubernetes/component-helpers/blob/master/scheduling/schedulingv1/workloadbuilder/validate.go).
 */

import { type FieldError, invalid } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { JobSpec } from '../v1/types.ts';

/** For Jobs and for templates of CronJobs. */
export function validateJobScheduling(
  { scheduling, parallelism = 1 }: JobSpec,
  path: FieldPath,
): FieldError[] {
  const { schedulingPolicy: policy, disruptionMode } = scheduling ?? {};
  const minCount = policy?.gang?.minCount;
  const errors: FieldError[] = [];
  if (minCount !== undefined && minCount > parallelism) {
    const at = path.child('schedulingPolicy', 'gang', 'minCount');
    errors.push(invalid(at, minCount, `must not be greater than parallelism (${parallelism})`));
  }
  // By default each pod is scheduled individually.
  const isBasic = policy === undefined || policy.basic !== undefined;
  if (!isBasic || disruptionMode?.all === undefined) return errors;
  const detail = 'the disruptionMode `all` is not supported with the Basic scheduling policy';
  return [...errors, invalid(path.child('disruptionMode'), '', detail)];
}

/** The type of the policy is immutable, unlike its other fields. */
export function validateJobSchedulingUpdate(
  { scheduling }: JobSpec,
  { scheduling: old }: JobSpec,
  path: FieldPath,
): FieldError[] {
  const [now, before] = [scheduling?.schedulingPolicy, old?.schedulingPolicy];
  if (now === undefined || before === undefined) return [];
  if ((now.basic === undefined) === (before.basic === undefined)) return [];
  const detail =
    'the basic/gang policy variant is immutable after creation; only schedulingPolicy.gang.minCount may be updated';
  return [invalid(path.child('schedulingPolicy'), null, detail)];
}
