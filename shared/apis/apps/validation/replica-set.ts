/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/validation/validation.go */

import { type FieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import type { Gates } from '../../core/validation/pod-gates.ts';
import { podTemplateValidationOptions } from '../../core/validation/pod-validation-options.ts';
import type { ReplicaSet } from '../v1/types.ts';
import { validatePodTemplateSpecForReplicaSet } from './pod-template.ts';
import { readSelector, shownSelector, validateWorkloadSelector } from './selector.ts';
import { validateCountsWithin, validateNonnegativeCounts } from './status-counts.ts';

const SPEC = FieldPath.of('spec');

/** `old` is the stored set, whose template's violations an update may keep. */
export function validateReplicaSet(gates: Gates, { spec }: ReplicaSet, old?: ReplicaSet): FieldError[] {
  const errors = [
    ...validateNonnegativeField(spec.replicas, SPEC.child('replicas')),
    ...validateNonnegativeField(spec.minReadySeconds, SPEC.child('minReadySeconds')),
    ...validateWorkloadSelector(spec.selector, SPEC.child('selector'), 'deployment'),
  ];
  const selector = readSelector(spec.selector);
  if (selector === undefined) {
    return [
      ...errors,
      invalid(SPEC.child('selector'), shownSelector(spec.selector), 'invalid label selector'),
    ];
  }
  const options = podTemplateValidationOptions(gates, old?.spec.template);
  const path = SPEC.child('template');
  return errors.concat(validatePodTemplateSpecForReplicaSet(spec.template, selector, path, options));
}

export function validateReplicaSetUpdate(gates: Gates, set: ReplicaSet, old: ReplicaSet): FieldError[] {
  return [
    ...validateReplicaSet(gates, set, old),
    ...validateImmutableField(set.spec.selector, old.spec.selector, SPEC.child('selector')),
  ];
}

export function validateReplicaSetStatus({ status }: ReplicaSet): FieldError[] {
  return [
    ...validateNonnegativeCounts(status, [
      'replicas',
      'fullyLabeledReplicas',
      'readyReplicas',
      'availableReplicas',
      'observedGeneration',
      'terminatingReplicas',
    ]),
    ...validateCountsWithin(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'], {
      limit: status.replicas,
      name: 'status.replicas',
    }),
    ...validateCountsWithin(status, ['availableReplicas'], {
      limit: status.readyReplicas,
      name: 'readyReplicas',
    }),
  ];
}
