/**
 * Validates the metadata of all objects
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/api/validation/objectmeta.go).
 */

import { parseGroupVersion } from '../../runtime/group-version.ts';
import { appendAll } from '../../util/append-all.ts';
import { setOwn, sortedKeys } from '../../util/json.ts';
import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from '../field-error.ts';
import type { FieldPath } from '../field-path.ts';
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../v1/types.ts';
import { byteLength } from './format.ts';
import { isDNS1123Label, isQualifiedName, isValidLabelValue, type NamePart } from './names.ts';

const OPERATIONS = ['Apply', 'Update'];

export const FIELD_IMMUTABLE = 'field is immutable';
export const FINALIZER_ORPHAN_DEPENDENTS = 'orphan';
export const FINALIZER_DELETE_DEPENDENTS = 'foregroundDeletion';

export const TOTAL_ANNOTATION_SIZE_LIMIT = 256 * 1024;
const FIELD_MANAGER_MAX_LENGTH = 128;
const MAX_SUBRESOURCE_NAME_LENGTH = 256;

export function validateLabelName(name: string, path: FieldPath): FieldError[] {
  return isQualifiedName(name).map((text) => invalid(path, name, text));
}

export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): FieldError[] {
  return errorsOfEntries(labels, (key, value) => [
    ...validateLabelName(key, path),
    ...isValidLabelValue(value).map((text) => invalid(path, value, text)),
  ]);
}

/** The errors of all entries in key order. Keys are sorted only if there are errors. */
function errorsOfEntries(
  entries: Readonly<Record<string, string>> | undefined,
  errorsOf: (key: string, value: string) => FieldError[],
): FieldError[] {
  const wrong: Record<string, FieldError[]> = {};
  for (const [key, value] of Object.entries(entries ?? {})) {
    const errors = errorsOf(key, value);
    if (errors.length > 0) setOwn(wrong, key, errors);
  }
  return sortedKeys(wrong).flatMap((key) => wrong[key]!);
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): FieldError[] {
  let size = 0;
  const errors = errorsOfEntries(annotations, (key, value) => {
    size += byteLength(key) + byteLength(value);
    return isQualifiedName(key.toLowerCase()).map((text) => invalid(path, key, text));
  });
  if (size > TOTAL_ANNOTATION_SIZE_LIMIT) errors.push(tooLong(path, TOTAL_ANNOTATION_SIZE_LIMIT));
  return errors;
}

function validateOwnerReference(reference: OwnerReference, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const gv = parseGroupVersion(reference.apiVersion ?? '');
  if (!reference.apiVersion) errors.push(required(path.child('apiVersion'), 'must not be empty'));
  else if (gv === undefined || gv.version === '') {
    const detail = 'must be <group>/<version> or <version>';
    errors.push(invalid(path.child('apiVersion'), reference.apiVersion, detail));
  }
  for (const field of ['kind', 'name', 'uid'] as const) {
    if (!reference[field]) errors.push(required(path.child(field), 'must not be empty'));
  }
  if (reference.apiVersion === 'v1' && reference.kind === 'Event') {
    errors.push(invalid(path, reference, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

function validateOwnerReferences(
  references: readonly OwnerReference[] | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  let first = '';
  for (const [index, reference] of (references ?? []).entries()) {
    appendAll(errors, validateOwnerReference(reference, path.index(index)));
    if (!reference.controller) continue;
    const current = `${reference.kind}/${reference.name}`;
    if (first === '') first = current;
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${current}`;
      errors.push(invalid(path, references, detail));
    }
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[] | undefined, path: FieldPath): FieldError[] {
  const errors = (finalizers ?? []).flatMap((finalizer) =>
    isQualifiedName(finalizer).map((text) => invalid(path, finalizer, text)),
  );
  if (finalizers?.includes(FINALIZER_ORPHAN_DEPENDENTS) && finalizers.includes(FINALIZER_DELETE_DEPENDENTS)) {
    const detail = `finalizer ${FINALIZER_ORPHAN_DEPENDENTS} and ${FINALIZER_DELETE_DEPENDENTS} cannot be both set`;
    errors.push(invalid(path, finalizers, detail));
  }
  return errors;
}

/** Go's `%#U` of an unprintable character. */
const codePoint = (code: number): string => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;

export function validateFieldManager(manager: string | undefined, path: FieldPath | string): FieldError[] {
  const text = manager ?? '';
  const errors: FieldError[] = [];
  if (byteLength(text) > FIELD_MANAGER_MAX_LENGTH) errors.push(tooLong(path, FIELD_MANAGER_MAX_LENGTH));
  let position = 0;
  for (const char of text) {
    if (char !== ' ' && /[\p{C}\p{Z}]/u.test(char)) {
      const detail = `invalid character ${codePoint(char.codePointAt(0)!)} (at position ${position})`;
      errors.push(invalid(path, text, detail));
    }
    position += byteLength(char);
  }
  return errors;
}

function validateManagedFields(
  entries: readonly ManagedFieldsEntry[] | undefined,
  path: FieldPath,
): FieldError[] {
  return (entries ?? []).flatMap((entry, index) => {
    const at = path.index(index);
    const errors: FieldError[] = [];
    if (!entry.operation) errors.push(required(at.child('operation'), 'must not be empty'));
    else if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
      errors.push(notSupported(at.child('operation'), entry.operation, OPERATIONS));
    }
    if (entry.fieldsType && entry.fieldsType !== 'FieldsV1') {
      errors.push(invalid(at.child('fieldsType'), entry.fieldsType, 'must be `FieldsV1`'));
    }
    appendAll(errors, validateFieldManager(entry.manager, at.child('manager')));
    if (byteLength(entry.subresource ?? '') > MAX_SUBRESOURCE_NAME_LENGTH) {
      errors.push(tooLong(at.child('subresource'), MAX_SUBRESOURCE_NAME_LENGTH));
    }
    return errors;
  });
}

function validateGeneration(generation: number | bigint | undefined, path: FieldPath): FieldError[] {
  if ((generation ?? 0) >= 0) return [];
  return [invalid(path, generation, 'must be greater than or equal to 0')];
}

/** Options of `validateObjectMeta`. */
export interface ObjectMetaRules {
  readonly namespaced: boolean;
  readonly validateName: (name: string, part?: NamePart) => string[];
}

/** Validates metadata on creation, after a name has been generated. */
export function validateObjectMeta(meta: ObjectMeta, rules: ObjectMetaRules, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (meta.generateName) {
    for (const text of rules.validateName(meta.generateName, 'prefix')) {
      errors.push(invalid(path.child('generateName'), meta.generateName, text));
    }
  }
  if (!meta.name) errors.push(required(path.child('name'), 'name or generateName is required'));
  else {
    for (const text of rules.validateName(meta.name)) {
      errors.push(invalid(path.child('name'), meta.name, text));
    }
  }
  const namespace = path.child('namespace');
  if (!rules.namespaced) {
    if (meta.namespace) errors.push(forbidden(namespace, 'not allowed on this type'));
  } else if (!meta.namespace) errors.push(required(namespace, ''));
  else {
    for (const text of isDNS1123Label(meta.namespace)) {
      errors.push(invalid(namespace, meta.namespace, text));
    }
  }
  return errors.concat(
    validateGeneration(meta.generation, path.child('generation')),
    validateLabels(meta.labels, path.child('labels')),
    validateAnnotations(meta.annotations, path.child('annotations')),
    validateOwnerReferences(meta.ownerReferences, path.child('ownerReferences')),
    validateFinalizers(meta.finalizers, path.child('finalizers')),
    validateManagedFields(meta.managedFields, path.child('managedFields')),
  );
}

const IMMUTABLE = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** Validates metadata on update, after fields maintained by the server have been copied from the old object. */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp) {
    const had = new Set(old.finalizers);
    const extra = (meta.finalizers ?? []).filter((finalizer) => !had.has(finalizer)).sort();
    if (extra.length > 0) {
      const list = `[]string{${[...new Set(extra)].map((text) => JSON.stringify(text)).join(', ')}}`;
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
      errors.push(forbidden(path.child('finalizers'), detail));
    }
  }
  if (!meta.resourceVersion) {
    const detail = 'must be specified for an update';
    errors.push(invalid(path.child('resourceVersion'), meta.resourceVersion ?? '', detail));
  }
  appendAll(errors, validateGeneration(meta.generation, path.child('generation')));
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalid(path.child('generation'), meta.generation ?? 0, 'must not be decremented'));
  }
  for (const field of IMMUTABLE) {
    if ((meta[field] ?? '') !== (old[field] ?? '')) {
      errors.push(invalid(path.child(field), meta[field] ?? '', FIELD_IMMUTABLE));
    }
  }
  return errors.concat(
    validateLabels(meta.labels, path.child('labels')),
    validateAnnotations(meta.annotations, path.child('annotations')),
    validateOwnerReferences(meta.ownerReferences, path.child('ownerReferences')),
    validateManagedFields(meta.managedFields, path.child('managedFields')),
  );
}
