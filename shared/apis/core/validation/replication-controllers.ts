/** Rules for replication controllers, and for the counts that their kin report. */

import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { ReplicationController, ReplicationControllerStatus } from '../v1/types.ts';
import { validatePodTemplateSpecForRC } from './pod-template.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';

const SPEC = FieldPath.of('spec');

/** Also of updates: what a controller wants may become anything else. */
export function validateReplicationController(
  { spec = {} }: ReplicationController,
  options: PodValidationOptions,
): FieldError[] {
  const { minReadySeconds, selector, replicas, template } = spec;
  return [
    ...validateNonnegativeField(minReadySeconds, SPEC.child('minReadySeconds')),
    ...(Object.keys(selector ?? {}).length === 0 ? [required(SPEC.child('selector'), '')] : []),
    ...(replicas === undefined
      ? [required(SPEC.child('replicas'), '')]
      : validateNonnegativeField(replicas, SPEC.child('replicas'))),
    ...validatePodTemplateSpecForRC(template, selector, SPEC.child('template'), options),
  ];
}

export function validateReplicationControllerStatus(
  status: ReplicationControllerStatus,
  path: FieldPath,
): FieldError[] {
  const { replicas, fullyLabeledReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const counts = { replicas, fullyLabeledReplicas, readyReplicas, availableReplicas };
  const errors: FieldError[] = [];
  for (const [field, value] of Object.entries(counts)) {
    appendAll(errors, validateNonnegativeField(value, path.child(field)));
  }
  appendAll(errors, validateNonnegativeField(status.observedGeneration, path.child('observedGeneration')));
  for (const field of ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const) {
    if (counts[field] <= replicas) continue;
    errors.push(invalid(path.child(field), counts[field], 'cannot be greater than status.replicas'));
  }
  if (availableReplicas > readyReplicas) {
    errors.push(
      invalid(path.child('availableReplicas'), availableReplicas, 'cannot be greater than readyReplicas'),
    );
  }
  return errors;
}
