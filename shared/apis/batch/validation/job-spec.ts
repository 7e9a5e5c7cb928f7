/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/batch/validation/validation.go */

import { type FieldError, invalid, notSupported, required, tooLong } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isDomainPrefixedPath } from '../../../meta/validation/domains.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { validatePodTemplateSpec } from '../../core/validation/pod-template.ts';
import type { PodValidationOptions } from '../../core/validation/pod-validation-options.ts';
import type { JobSpec, SuccessPolicy } from '../v1/types.ts';
import { validatePodFailurePolicy } from './pod-failure-policy.ts';
import { validateJobScheduling } from './scheduling.ts';
import { validateSuccessPolicy } from './success-policy.ts';

const MAX_INDEXED_PARALLELISM = 100_000;
const MAX_FAILED_INDEXES = 100_000;
const MAX_MANAGED_BY_LENGTH = 63;
/** With more completions than this, lower limits apply. */
const MANY_COMPLETIONS = 100_000;
const LOWER_LIMIT = 10_000;

const NONNEGATIVE = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;
const COMPLETION_MODES = ['NonIndexed', 'Indexed'];
const REPLACEMENT_POLICIES = ['Failed', 'TerminatingOrFailed'];
const RESTART_POLICIES = ['OnFailure', 'Never'];

/** For Jobs and for templates of Jobs. */
export function validateJobSpec(spec: JobSpec, path: FieldPath, options: PodValidationOptions): FieldError[] {
  return [
    ...NONNEGATIVE.flatMap((field) => validateNonnegativeField(spec[field], path.child(field))),
    ...validateMaxFailedIndexes(spec, path),
    ...validateManagedBy(spec.managedBy, path.child('managedBy')),
    ...validateCompletionMode(spec, path),
    ...(spec.podFailurePolicy ? validatePodFailurePolicy(spec, path.child('podFailurePolicy')) : []),
    ...validateSuccess(spec, path.child('successPolicy')),
    ...validateReplacement(spec, path.child('podReplacementPolicy')),
    ...validateJobScheduling(spec, path.child('scheduling')),
    ...validatePodTemplateSpec(spec.template, path.child('template'), options),
    ...validateRestartPolicy(spec, path.child('template', 'spec', 'restartPolicy')),
  ];
}

function validateMaxFailedIndexes(spec: JobSpec, path: FieldPath): FieldError[] {
  if (spec.maxFailedIndexes === undefined || spec.backoffLimitPerIndex !== undefined) return [];
  return [required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified')];
}

function validateManagedBy(managedBy: string | undefined, path: FieldPath): FieldError[] {
  if (managedBy === undefined) return [];
  const errors = isDomainPrefixedPath(path, managedBy);
  if (byteLength(managedBy) > MAX_MANAGED_BY_LENGTH) errors.push(tooLong(path, MAX_MANAGED_BY_LENGTH));
  return errors;
}

function validateCompletionMode(spec: JobSpec, path: FieldPath): FieldError[] {
  const { completionMode, backoffLimitPerIndex, maxFailedIndexes } = spec;
  if (completionMode === 'Indexed') return validateIndexed(spec, path);
  if (completionMode !== undefined && completionMode !== 'NonIndexed') {
    return [notSupported(path.child('completionMode'), completionMode, COMPLETION_MODES)];
  }
  return Object.entries({ backoffLimitPerIndex, maxFailedIndexes })
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => invalid(path.child(field), value, 'requires indexed completion mode'));
}

function validateIndexed(spec: JobSpec, path: FieldPath): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec;
  const errors: FieldError[] = [];
  const parallelismPath = path.child('parallelism');
  const failedPath = path.child('maxFailedIndexes');
  if (completions === undefined) {
    errors.push(required(path.child('completions'), 'when completion mode is Indexed'));
  }
  if (parallelism > MAX_INDEXED_PARALLELISM) {
    const detail = `must be less than or equal to ${MAX_INDEXED_PARALLELISM} when completion mode is Indexed`;
    errors.push(invalid(parallelismPath, parallelism, detail));
  }
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions) {
    errors.push(invalid(failedPath, maxFailedIndexes, 'must be less than or equal to completions'));
  }
  if ((maxFailedIndexes ?? 0) > MAX_FAILED_INDEXES) {
    errors.push(invalid(failedPath, maxFailedIndexes, `must be less than or equal to ${MAX_FAILED_INDEXES}`));
  }
  if ((completions ?? 0) <= MANY_COMPLETIONS || backoffLimitPerIndex === undefined) return errors;
  const detail = `must be less than or equal to ${LOWER_LIMIT} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) {
    errors.push(required(failedPath, `must be specified when completions is above ${MANY_COMPLETIONS}`));
  }
  if (parallelism > LOWER_LIMIT) errors.push(invalid(parallelismPath, parallelism, detail));
  if ((maxFailedIndexes ?? 0) > LOWER_LIMIT) errors.push(invalid(failedPath, maxFailedIndexes, detail));
  return errors;
}

const shown = ({ rules }: SuccessPolicy) => ({
  Rules:
    rules?.map(({ succeededIndexes, succeededCount }) => ({
      SucceededIndexes: succeededIndexes ?? null,
      SucceededCount: succeededCount ?? null,
    })) ?? null,
});

function validateSuccess({ successPolicy, completionMode, completions = 0 }: JobSpec, path: FieldPath) {
  if (!successPolicy) return [];
  if (completionMode === 'Indexed') return validateSuccessPolicy(successPolicy, completions, path);
  return [invalid(path, shown(successPolicy), 'requires indexed completion mode')];
}

function validateReplacement(spec: JobSpec, path: FieldPath): FieldError[] {
  const { podReplacementPolicy: policy, podFailurePolicy } = spec;
  const allowed = podFailurePolicy ? ['Failed'] : REPLACEMENT_POLICIES;
  return policy === undefined || allowed.includes(policy) ? [] : [notSupported(path, policy, allowed)];
}

function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, path: FieldPath): FieldError[] {
  const { restartPolicy = '' } = template.spec;
  if (restartPolicy === '' || restartPolicy === 'Always') {
    return [required(path, 'valid values: "OnFailure", "Never"')];
  }
  if (!RESTART_POLICIES.includes(restartPolicy)) return [notSupported(path, restartPolicy, RESTART_POLICIES)];
  if (!podFailurePolicy || restartPolicy === 'Never') return [];
  return [invalid(path, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified')];
}
