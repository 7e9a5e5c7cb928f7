/** Rules for claims, including templates in pods and stateful sets. */

import { type FieldError, forbidden, invalid, notSupported, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { ObjectMeta } from '../../../meta/v1/types.ts';
import { validateLabelSelector } from '../../../meta/validation/label-selector.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { validateAnnotations, validateLabels } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';
import type {
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimTemplate,
  TypedLocalObjectReference,
  TypedObjectReference,
} from '../v1/types.ts';
import {
  invalidEach,
  quantityOf,
  validatePositiveQuantity,
  validateResourceQuantityValue,
} from './helpers.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

export interface PersistentVolumeClaimValidationOptions {
  /** Existing violations are tolerated. */
  readonly allowInvalidLabelValueInSelector?: boolean;
  readonly allowInvalidAPIGroupInDataSourceOrRef?: boolean;
}

/** Also used for persistent volumes. */
export function validateAccessModes(modes: readonly string[] | undefined, path: FieldPath): FieldError[] {
  const list = modes ?? [];
  const errors = list
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => notSupported(path, mode, ACCESS_MODES));
  const known = list.filter((mode) => ACCESS_MODES.includes(mode));
  if (known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod')) {
    errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
  }
  return errors;
}

function validateDataSource(
  source: TypedLocalObjectReference | TypedObjectReference,
  path: FieldPath,
  options: PersistentVolumeClaimValidationOptions,
): FieldError[] {
  const { kind, name } = source;
  const apiGroup = source.apiGroup ?? '';
  const errors: FieldError[] = [];
  if (!name) errors.push(required(path.child('name'), ''));
  if (!kind) errors.push(required(path.child('kind'), ''));
  if (apiGroup === '' && kind !== 'PersistentVolumeClaim') {
    const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(invalid(path, kind, detail));
  }
  if (apiGroup !== '' && !options.allowInvalidAPIGroupInDataSourceOrRef) {
    appendAll(errors, invalidEach(path.child('apiGroup'), apiGroup, isDNS1123Subdomain(apiGroup)));
  }
  const namespace = 'namespace' in source ? source.namespace : undefined;
  if (namespace)
    appendAll(errors, invalidEach(path.child('namespace'), namespace, isDNS1123Label(namespace)));
  return errors;
}

function validateDataSources(
  { dataSource, dataSourceRef }: PersistentVolumeClaimSpec,
  path: FieldPath,
  options: PersistentVolumeClaimValidationOptions,
): FieldError[] {
  const errors: FieldError[] = [];
  if (dataSource) appendAll(errors, validateDataSource(dataSource, path.child('dataSource'), options));
  if (dataSourceRef)
    appendAll(errors, validateDataSource(dataSourceRef, path.child('dataSourceRef'), options));
  if (!dataSource || !dataSourceRef) return errors;
  // Upstream shows a field path instead of the value; a path has no exported fields.
  if (dataSourceRef.namespace) {
    errors.push(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'));
  } else if (
    dataSource.apiGroup !== dataSourceRef.apiGroup ||
    dataSource.kind !== dataSourceRef.kind ||
    dataSource.name !== dataSourceRef.name
  ) {
    errors.push(invalid(path, {}, 'must match dataSourceRef'));
  }
  return errors;
}

function validateStorageRequest(request: string | undefined, path: FieldPath): FieldError[] {
  if (request === undefined) return [required(path, '')];
  const storage = quantityOf(request);
  const errors = validatePositiveQuantity(storage, path);
  return errors.length > 0 ? errors : validateResourceQuantityValue('storage', storage, path);
}

export function validatePersistentVolumeClaimSpec(
  spec: PersistentVolumeClaimSpec,
  path: FieldPath,
  options: PersistentVolumeClaimValidationOptions = {},
): FieldError[] {
  const errors: FieldError[] = [];
  const modes = path.child('accessModes');
  if ((spec.accessModes ?? []).length === 0) {
    errors.push(required(modes, 'at least 1 access mode is required'));
  }
  const { storageClassName, volumeAttributesClassName, volumeMode } = spec;
  appendAll(
    errors,
    validateLabelSelector(spec.selector, path.child('selector'), options),
    validateAccessModes(spec.accessModes, modes),
    validateStorageRequest(spec.resources?.requests?.storage, path.child('resources').key('storage')),
  );
  if (storageClassName) {
    const messages = isDNS1123Subdomain(storageClassName);
    appendAll(errors, invalidEach(path.child('storageClassName'), storageClassName, messages));
  }
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    errors.push(notSupported(path.child('volumeMode'), volumeMode, VOLUME_MODES));
  }
  appendAll(errors, validateDataSources(spec, path, options));
  if (volumeAttributesClassName) {
    const messages = isDNS1123Subdomain(volumeAttributesClassName);
    appendAll(
      errors,
      invalidEach(path.child('volumeAttributesClassName'), volumeAttributesClassName, messages),
    );
  }
  return errors;
}

/** Metadata that a template must not have, in Go's declaration order and under Go's names. */
const FORBIDDEN_META: readonly (readonly [keyof ObjectMeta, string])[] = [
  ['name', 'name'],
  ['generateName', 'generateName'],
  ['namespace', 'namespace'],
  ['selfLink', 'selfLink'],
  ['uid', 'uID'],
  ['resourceVersion', 'resourceVersion'],
  ['generation', 'generation'],
  ['creationTimestamp', 'creationTimestamp'],
  ['deletionTimestamp', 'deletionTimestamp'],
  ['deletionGracePeriodSeconds', 'deletionGracePeriodSeconds'],
  ['ownerReferences', 'ownerReferences'],
  ['finalizers', 'finalizers'],
  ['managedFields', 'managedFields'],
];

/** Templates may only have labels and annotations. */
export function validateTemplateObjectMeta(meta: ObjectMeta, path: FieldPath): FieldError[] {
  return [
    ...validateAnnotations(meta.annotations, path.child('annotations')),
    ...validateLabels(meta.labels, path.child('labels')),
    ...FORBIDDEN_META.filter(([field]) => Boolean(meta[field])).map(([, name]) =>
      forbidden(path.child(name), 'cannot be set'),
    ),
  ];
}

export function validatePersistentVolumeClaimTemplate(
  { metadata = {}, spec }: PersistentVolumeClaimTemplate,
  path: FieldPath,
  options: PersistentVolumeClaimValidationOptions = {},
): FieldError[] {
  return [
    ...validateTemplateObjectMeta(metadata, path.child('metadata')),
    ...validatePersistentVolumeClaimSpec(spec, path.child('spec'), options),
  ];
}
