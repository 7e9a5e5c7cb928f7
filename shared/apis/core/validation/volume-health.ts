/** Rules for the health of volumes that types don't declare. */

import { type FieldError, notFound } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isValidConditionReason } from '../../../meta/validation/conditions.ts';
import type { PodSpec, PodVolumeHealth, VolumeHealthCondition } from '../v1/types.ts';
import { invalidEach } from './helpers.ts';

export function validateVolumeHealthConditions(
  conditions: readonly VolumeHealthCondition[] | undefined,
  path: FieldPath,
): FieldError[] {
  return (conditions ?? []).flatMap(({ reason }, index) =>
    reason ? invalidEach(path.index(index).child('reason'), reason, isValidConditionReason(reason)) : [],
  );
}

export function validatePodVolumeHealth(
  health: readonly PodVolumeHealth[] | undefined,
  { volumes }: PodSpec,
  path: FieldPath,
): FieldError[] {
  const names = new Set((volumes ?? []).map(({ name }) => name));
  return (health ?? []).flatMap(({ name, healthConditions }, index) => {
    const at = path.index(index);
    const unknown = name !== '' && !names.has(name) ? [notFound(at.child('name'), name)] : [];
    return [...unknown, ...validateVolumeHealthConditions(healthConditions, at.child('healthConditions'))];
  });
}
