/** Rules for annotations of pods. */

import { type FieldError, forbidden, invalid } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { ObjectMeta } from '../../../meta/v1/types.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Pod, PodSpec, Toleration } from '../v1/types.ts';
import { sortedEntries } from './helpers.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import {
  APPARMOR_CONTAINER,
  validateAppArmorPodAnnotations,
  validateSeccompPodAnnotations,
} from './security-profiles.ts';
import { validateTolerations } from './tolerations.ts';

export const MIRROR_POD = 'kubernetes.io/config.mirror';
const TOLERATIONS = 'scheduler.alpha.kubernetes.io/tolerations';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

type Annotations = ObjectMeta['annotations'];

/** 0 if missing; undefined if it isn't a 32-bit integer. */
export function parsePodDeletionCost(annotations: Annotations): number | undefined {
  const text = annotations?.[DELETION_COST];
  if (text === undefined) return 0;
  if (!/^(0|-[0-9]+|[1-9][0-9]*)$/.test(text)) return undefined;
  const cost = Number(text);
  return cost >= -(2 ** 31) && cost < 2 ** 31 ? cost : undefined;
}

function validateTolerationsAnnotation(
  text: string,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  let tolerations: unknown;
  try {
    tolerations = JSON.parse(text);
  } catch (error) {
    return [invalid(path, TOLERATIONS, (error as Error).message)];
  }
  if (!Array.isArray(tolerations)) {
    const detail = 'json: cannot unmarshal value into Go value of type []core.Toleration';
    return [invalid(path, TOLERATIONS, detail)];
  }
  return validateTolerations(tolerations as Toleration[], path.child(TOLERATIONS), options);
}

export function validatePodSpecificAnnotations(
  annotations: Annotations,
  spec: PodSpec,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  const errors: FieldError[] = [];
  const mirror = annotations?.[MIRROR_POD];
  if (mirror !== undefined && !spec.nodeName) {
    const detail = 'must set spec.nodeName if mirror pod annotation is set';
    errors.push(invalid(path.key(MIRROR_POD), mirror, detail));
  }
  const tolerations = annotations?.[TOLERATIONS];
  if (tolerations) appendAll(errors, validateTolerationsAnnotation(tolerations, path, options));
  if (!options.allowInvalidPodDeletionCost && parsePodDeletionCost(annotations) === undefined) {
    const cost = annotations?.[DELETION_COST];
    errors.push(invalid(path.key(DELETION_COST), cost, 'must be a 32bit integer'));
  }
  return [
    ...errors,
    ...validateSeccompPodAnnotations(annotations, path),
    ...validateAppArmorPodAnnotations(annotations, spec, path),
  ];
}

export function validatePodSpecificAnnotationUpdates(
  pod: Pod,
  old: Pod,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  const now = pod.metadata.annotations ?? {};
  const before = old.metadata.annotations ?? {};
  const errors: FieldError[] = [];
  for (const [key, value] of sortedEntries(before)) {
    if (now[key] === value) continue;
    if (key.startsWith(APPARMOR_CONTAINER)) {
      errors.push(forbidden(path.key(key), 'may not remove or update AppArmor annotations'));
    }
    if (key === MIRROR_POD) {
      errors.push(forbidden(path.key(key), 'may not remove or update mirror pod annotation'));
    }
  }
  for (const [key] of sortedEntries(now)) {
    if (Object.hasOwn(before, key)) continue;
    if (key.startsWith(APPARMOR_CONTAINER)) {
      errors.push(forbidden(path.key(key), 'may not add AppArmor annotations'));
    }
    if (key === MIRROR_POD) errors.push(forbidden(path.key(key), 'may not add mirror pod annotation'));
  }
  return [...errors, ...validatePodSpecificAnnotations(now, pod.spec, path, options)];
}
