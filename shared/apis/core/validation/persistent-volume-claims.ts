/** Rules for persistent volume claims and their updates. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  withDifference,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { validateLabelSelector } from '../../../meta/validation/label-selector.ts';
import { FIELD_IMMUTABLE } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';
import { isNativeResource } from '../resource-names.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../v1/types.ts';
import {
  quantityOf,
  sortedEntries,
  validateQualifiedName,
  validateResourceQuantityValue,
} from './helpers.ts';
import {
  type PersistentVolumeClaimValidationOptions,
  validatePersistentVolumeClaimSpec,
} from './persistent-volume-claim-spec.ts';
import { validateVolumeHealthConditions } from './volume-health.ts';

const SPEC = FieldPath.of('spec');
const STATUS = FieldPath.of('status');
const STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';
const RESIZE_STATUSES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
];

export function validatePersistentVolumeClaim(
  { spec }: PersistentVolumeClaim,
  options: PersistentVolumeClaimValidationOptions = {},
): FieldError[] {
  return validatePersistentVolumeClaimSpec(spec, SPEC, options);
}

/** Existing violations are tolerated. */
function updateOptions({ spec }: PersistentVolumeClaim): PersistentVolumeClaimValidationOptions {
  return {
    allowInvalidLabelValueInSelector: validateLabelSelector(spec.selector, SPEC).length > 0,
    allowInvalidAPIGroupInDataSourceOrRef:
      (spec.dataSource?.apiGroup ?? spec.dataSourceRef?.apiGroup ?? undefined) !== undefined,
  };
}

/** A class in the deprecated annotation may be moved to the field. */
function movesClassFromAnnotation(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const before = old.metadata.annotations?.[STORAGE_CLASS];
  const now = claim.metadata.annotations?.[STORAGE_CLASS];
  return (
    before !== undefined &&
    old.spec.storageClassName === undefined &&
    claim.spec.storageClassName === before &&
    (now === undefined || now === before)
  );
}

function setsClassForTheFirstTime(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const annotation = old.metadata.annotations?.[STORAGE_CLASS];
  const { storageClassName } = claim.spec;
  return (
    storageClassName !== undefined &&
    old.spec.storageClassName === undefined &&
    (annotation === undefined || annotation === storageClassName)
  );
}

/** The new spec with all mutable fields reset; remaining differences are errors. */
function withUpdatableFieldsOf(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): PersistentVolumeClaimSpec {
  const spec = { ...claim.spec };
  if (movesClassFromAnnotation(claim, old) || setsClassForTheFirstTime(claim, old)) {
    spec.storageClassName = old.spec.storageClassName;
  }
  if (claim.status?.phase !== 'Bound') return spec;
  if (spec.resources?.requests) {
    const { storage } = old.spec.resources?.requests ?? {};
    spec.resources = { ...spec.resources, requests: { ...spec.resources.requests, storage: storage ?? '0' } };
  }
  spec.volumeAttributesClassName = old.spec.volumeAttributesClassName;
  return spec;
}

function validateStorageRequest(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const now = quantityOf(claim.spec.resources?.requests?.storage);
  const before = quantityOf(old.spec.resources?.requests?.storage);
  if (now.cmp(before) >= 0 || now.cmp(quantityOf(old.status?.capacity?.storage)) > 0) return [];
  const at = SPEC.child('resources', 'requests', 'storage');
  return [forbidden(at, 'field can not be less than status.capacity')];
}

function validateAttributesClass(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const { volumeAttributesClassName: now } = claim.spec;
  const applied = old.status?.currentVolumeAttributesClassName !== undefined;
  if (!applied || now === old.spec.volumeAttributesClassName || now) return [];
  const what = now === undefined ? 'nil' : 'empty string';
  const detail = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`;
  return [forbidden(SPEC.child('volumeAttributesClassName'), detail)];
}

export function validatePersistentVolumeClaimUpdate(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): FieldError[] {
  const errors = validatePersistentVolumeClaim(claim, updateOptions(old));
  if (!movesClassFromAnnotation(claim, old)) {
    const now = claim.metadata.annotations?.[STORAGE_CLASS] ?? '';
    if (now !== (old.metadata.annotations?.[STORAGE_CLASS] ?? '')) {
      errors.push(invalid(FieldPath.of('metadata', 'annotations', STORAGE_CLASS), now, FIELD_IMMUTABLE));
    }
  }
  const munged = withUpdatableFieldsOf(claim, old);
  // A claim can be bound to a volume only once.
  const before = old.spec.volumeName ? old.spec : { ...old.spec, volumeName: claim.spec.volumeName };
  if (!semanticDeepEqual(munged, before)) {
    const detail =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(withDifference(forbidden(SPEC, detail), 'core.PersistentVolumeClaimSpec', [before, munged]));
  }
  return [
    ...errors,
    ...validateStorageRequest(claim, old),
    ...validateImmutableField(claim.spec.volumeMode, old.spec.volumeMode, FieldPath.of('volumeMode')),
    ...validateAttributesClass(claim, old),
  ];
}

/** Of the native resources, claims only support storage. */
function validateResourceKey(name: string, path: FieldPath): FieldError[] {
  const errors = validateQualifiedName(name, path);
  if (errors.length > 0 || !isNativeResource(name) || name === 'storage') return errors;
  return [notSupported(path, name, ['storage'])];
}

function validateAmount(text: string, path: FieldPath): FieldError[] {
  const value = quantityOf(text).value();
  return value < 0n ? [invalid(path, value, 'must be a valid resource quantity')] : [];
}

export function validatePersistentVolumeClaimStatusUpdate(claim: PersistentVolumeClaim): FieldError[] {
  const { spec, status = {} } = claim;
  const errors = spec.accessModes?.length ? [] : [required('Spec.accessModes', '')];
  for (const [name, text] of sortedEntries(status.capacity)) {
    appendAll(errors, validateAmount(text, STATUS.child('capacity').key(name)));
  }
  const health = STATUS.child('healthStatus', 'healthConditions');
  appendAll(errors, validateVolumeHealthConditions(status.healthStatus?.healthConditions, health));
  const resize = STATUS.child('allocatedResourceStatuses');
  for (const [name, value] of sortedEntries(status.allocatedResourceStatuses)) {
    appendAll(errors, validateResourceKey(name, resize));
    if (!RESIZE_STATUSES.includes(value)) errors.push(notSupported(resize, name, RESIZE_STATUSES));
  }
  const allocated = STATUS.child('allocatedResources');
  for (const [name, text] of sortedEntries(status.allocatedResources)) {
    const keyErrors = validateResourceKey(name, allocated);
    appendAll(errors, keyErrors);
    if (keyErrors.length > 0) continue;
    const amountErrors = validateAmount(text, allocated.key(name));
    appendAll(
      errors,
      amountErrors.length > 0
        ? amountErrors
        : validateResourceQuantityValue('storage', quantityOf(text), allocated.key(name)),
    );
  }
  return errors;
}
