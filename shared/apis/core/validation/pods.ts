/** Rules for creating and updating pods. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, forbidden, invalid, required, withDifference } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { inclusiveRangeError } from '../../../meta/validation/format.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Container, Pod, PodSpec, Toleration } from '../v1/types.ts';
import { validateContainerOnlyForPod } from './containers.ts';
import { validateNodeAffinityMutation, validateNodeSelectorMutation } from './node-affinity-mutation.ts';
import { validatePodSpecificAnnotations, validatePodSpecificAnnotationUpdates } from './pod-annotations.ts';
import { validatePodSpec } from './pod-spec.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import {
  validateAppArmorAnnotationsAndFields,
  validateSeccompAnnotationsAndFields,
} from './security-profiles.ts';
import { validateTolerations } from './tolerations.ts';

const METADATA = FieldPath.of('metadata');
const SPEC = FieldPath.of('spec');
const MAX_INT32 = 2 ** 31 - 1;

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
];

/** Rules that apply to every write of a pod. */
export function validatePodMetadataAndSpec(
  { metadata, spec }: Pod,
  options: PodValidationOptions,
): FieldError[] {
  const errors = [
    ...validatePodSpecificAnnotations(metadata.annotations, spec, METADATA.child('annotations'), options),
    ...validatePodSpec(spec, metadata, SPEC, options),
  ];
  if (!spec.serviceAccountName) {
    for (const [index, { projected }] of (spec.volumes ?? []).entries()) {
      for (const [number, { serviceAccountToken }] of (projected?.sources ?? []).entries()) {
        if (!serviceAccountToken) continue;
        const at = SPEC.child('volumes').index(index).child('projected', 'sources').index(number);
        const detail = 'must not be specified when serviceAccountName is not set';
        errors.push(forbidden(at.child('serviceAccountToken'), detail));
      }
    }
  }
  for (const field of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (spec[field] ?? []).entries()) {
      appendAll(errors, validateContainerOnlyForPod(container, SPEC.child(field).index(index)));
    }
  }
  return errors;
}

export function validatePodCreate(pod: Pod, options: PodValidationOptions): FieldError[] {
  const { metadata, spec } = pod;
  const errors = validatePodMetadataAndSpec(pod, options);
  if (spec.ephemeralContainers?.length) {
    errors.push(forbidden(SPEC.child('ephemeralContainers'), 'cannot be set on create'));
  }
  if (spec.nodeName && spec.schedulingGates?.length) {
    const detail = 'cannot be set until all schedulingGates have been cleared';
    errors.push(forbidden(SPEC.child('nodeName'), detail));
  }
  return [
    ...errors,
    ...validateSeccompAnnotationsAndFields(metadata, spec, SPEC),
    ...validateAppArmorAnnotationsAndFields(metadata, spec, SPEC),
  ];
}

/** Undefined if containers were added or removed, so that the rest can't be compared. */
function validateContainerImages(
  containers: readonly Container[],
  old: readonly Container[],
  path: FieldPath,
): { errors: FieldError[]; comparable: boolean } {
  if (containers.length !== old.length) {
    const errors = [forbidden(path, 'pod updates may not add or remove containers')];
    return { errors, comparable: false };
  }
  const errors = containers.flatMap(({ image = '' }, index) => {
    const at = path.index(index).child('image');
    if (image === '') return [required(at, '')];
    return image.trim() === image ? [] : [invalid(at, image, 'must not have leading or trailing whitespace')];
  });
  return { errors, comparable: true };
}

/** A deadline may only be shortened. `final` means that no other error is worth reporting. */
function validateDeadline(
  { activeDeadlineSeconds: deadline }: PodSpec,
  { activeDeadlineSeconds: old }: PodSpec,
): { errors: FieldError[]; final: boolean } {
  const at = SPEC.child('activeDeadlineSeconds');
  if (deadline === undefined) {
    const detail = 'must not update from a positive integer to nil value';
    return { errors: old === undefined ? [] : [invalid(at, null, detail)], final: false };
  }
  if (deadline < 0 || deadline > MAX_INT32) {
    return { errors: [invalid(at, deadline, inclusiveRangeError(0, MAX_INT32))], final: true };
  }
  if (old === undefined || old >= deadline) return { errors: [], final: false };
  const detail = 'must be less than or equal to previous value';
  return { errors: [invalid(at, deadline, detail)], final: true };
}

/** The immutable part of a toleration. */
const identityOf = ({ key = '', operator = '', value = '', effect = '' }: Toleration): string =>
  JSON.stringify([key, operator, value, effect]);

function validateOnlyAddedTolerations(
  tolerations: readonly Toleration[],
  old: readonly Toleration[],
  options: PodValidationOptions,
): FieldError[] {
  const at = SPEC.child('tolerations');
  const now = new Set(tolerations.map(identityOf));
  const kept = old.every((before) => now.has(identityOf(before)));
  if (kept) return validateTolerations(tolerations, at, options);
  return [forbidden(at, 'existing toleration can not be modified except its tolerationSeconds')];
}

function validateOnlyDeletedSchedulingGates({ schedulingGates }: PodSpec, old: PodSpec): FieldError[] {
  const names = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  // Of duplicates the last one is reported.
  const places = new Map((schedulingGates ?? []).map(({ name }, index) => [name, index]));
  return [...places].flatMap(([name, index]) => {
    if (names.has(name)) return [];
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return [forbidden(SPEC.child('schedulingGates').index(index).child('name'), detail)];
  });
}

/** The new spec with all mutable fields reset; remaining differences are errors. */
function withUpdatableFieldsOf(spec: PodSpec, old: PodSpec): PodSpec {
  const withImages = (
    containers: readonly Container[] | null | undefined,
    before: readonly Container[] | null | undefined,
  ): Container[] | undefined =>
    containers?.map((container, index) => ({ ...container, image: before?.[index]?.image }));
  const seconds = old.terminationGracePeriodSeconds;
  const wasNegative = seconds !== undefined && seconds < 0 && spec.terminationGracePeriodSeconds === 1;
  return {
    ...spec,
    containers: withImages(spec.containers, old.containers),
    initContainers: withImages(spec.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    schedulingGates: old.schedulingGates,
    tolerations: old.tolerations,
    ...(wasNegative && { terminationGracePeriodSeconds: seconds }),
  };
}

/** The scheduling of gated pods may be restricted further. */
function validateGatedMutations(munged: PodSpec, old: PodSpec): FieldError[] {
  if (!old.schedulingGates?.length) return [];
  const errors = validateNodeSelectorMutation(
    munged.nodeSelector,
    old.nodeSelector,
    SPEC.child('nodeSelector'),
  );
  munged.nodeSelector = old.nodeSelector;
  const before = old.affinity?.nodeAffinity;
  const now = munged.affinity?.nodeAffinity;
  if (semanticDeepEqual(before, now)) return errors;
  appendAll(errors, validateNodeAffinityMutation(now, before, SPEC.child('affinity', 'nodeAffinity')));
  const affinity = { ...munged.affinity, nodeAffinity: before };
  const empty = !old.affinity && !affinity.podAffinity && !affinity.podAntiAffinity;
  munged.affinity = empty ? undefined : affinity;
  return errors;
}

export function validatePodUpdate(pod: Pod, old: Pod, options: PodValidationOptions): FieldError[] {
  const { spec } = pod;
  const errors = [
    ...validatePodMetadataAndSpec(pod, options),
    ...validatePodSpecificAnnotationUpdates(pod, old, METADATA.child('annotations'), options),
  ];
  for (const field of ['containers', 'initContainers'] as const) {
    const images = validateContainerImages(spec[field] ?? [], old.spec[field] ?? [], SPEC.child(field));
    appendAll(errors, images.errors);
    if (!images.comparable) return errors;
  }
  const deadline = validateDeadline(spec, old.spec);
  appendAll(errors, deadline.errors);
  if (deadline.final) return errors;
  appendAll(
    errors,
    validateOnlyAddedTolerations(spec.tolerations ?? [], old.spec.tolerations ?? [], options),
    validateOnlyDeletedSchedulingGates(spec, old.spec),
  );
  const munged = withUpdatableFieldsOf(spec, old.spec);
  appendAll(errors, validateGatedMutations(munged, old.spec));
  if (!semanticDeepEqual(munged, old.spec)) {
    const detail = `pod updates may not change fields other than ${UPDATABLE.join(',')}`;
    errors.push(withDifference(forbidden(SPEC, detail), 'core.PodSpec', [old.spec, munged]));
  }
  return errors;
}
