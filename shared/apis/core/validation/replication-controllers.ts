/** Rules for replication controllers, and for the counts in the status of similar workloads. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, invalid, notFound, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import { sortKeys } from '../../../util/sort-keys.ts';
import type { ReplicationController, ReplicationControllerStatus } from '../v1/types.ts';
import { validatePodTemplateSpecForRC } from './pod-template.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';

const SPEC = FieldPath.of('spec');

/** Also used for updates, which may change the whole spec. */
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

/** Prefix of annotations for fields that some version of the object can't represent. */
const UNCONVERTIBLE = 'non-convertible.kubernetes.io/';

/** Clients that can't represent a field must not change it. */
export function validateUnconvertible(
  { spec }: ReplicationController,
  { metadata, spec: old }: ReplicationController,
): FieldError[] {
  return Object.entries(metadata.annotations ?? {}).flatMap(([key, value]) => {
    const [, field, more] = key.split('/');
    if (!key.startsWith(UNCONVERTIBLE) || field === undefined || more !== undefined) return [];
    if (!field.includes('selector')) {
      return [{ ...notFound(field, value), detail: 'unknown non-convertible field' }];
    }
    if (semanticDeepEqual(spec?.selector, old?.selector)) return [];
    return [
      invalid(SPEC.child('selector'), sortKeys(spec?.selector), 'cannot update non-convertible selector'),
    ];
  });
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
