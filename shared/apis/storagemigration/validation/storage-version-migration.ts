/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/storagemigration/validation/validation.go */

import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import { isDNS1035Label, isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { FIELD_IMMUTABLE } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { StorageVersionMigration } from '../v1beta1/types.ts';

const SPEC = FieldPath.of('spec');
const STATUS = FieldPath.of('status');

export function validateStorageVersionMigration({ spec }: StorageVersionMigration): FieldError[] {
  const { group, resource } = spec.resource;
  const path = SPEC.child('resource');
  const rule = (field: 'group' | 'resource', value: string, failures: readonly string[]): FieldError[] =>
    failures.length === 0 ? [] : [invalid(path.child(field), value, failures.join(','))];
  return [
    ...(resource === ''
      ? [required(path.child('resource'), 'resource is required to be set')]
      : rule('resource', resource, isDNS1035Label(resource))),
    ...(group === '' ? [] : rule('group', group, isDNS1123Subdomain(group))),
  ];
}

export function validateStorageVersionMigrationUpdate(
  migration: StorageVersionMigration,
  old: StorageVersionMigration,
): FieldError[] {
  const { group, resource } = migration.spec.resource;
  const isSame = group === old.spec.resource.group && resource === old.spec.resource.resource;
  // Upstream's internal type, whose own fields have no JSON names.
  const shown = { Resource: { group, resource } };
  return [
    ...validateStorageVersionMigration(migration),
    ...(isSame ? [] : [invalid(SPEC, shown, FIELD_IMMUTABLE)]),
  ];
}

const is = (type: string, { status }: StorageVersionMigration): boolean =>
  (status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');

export function validateStorageVersionMigrationStatusUpdate(
  migration: StorageVersionMigration,
  old: StorageVersionMigration,
): FieldError[] {
  const { resourceVersion = '', conditions } = migration.status;
  const path = STATUS.child('resourceVersion');
  const errors: FieldError[] = [];
  if (resourceVersion !== '' && !/^[1-9][0-9]*$/.test(resourceVersion)) {
    errors.push(invalid(path, resourceVersion, `resource version is not well formed: ${resourceVersion}`));
  }
  appendAll(errors, validateConditions(conditions, STATUS.child('conditions')));
  if (old.status.resourceVersion && old.status.resourceVersion !== resourceVersion) {
    errors.push(invalid(path, resourceVersion, FIELD_IMMUTABLE));
  }
  const refuse = (detail: string): number =>
    errors.push(invalid(STATUS.child('conditions'), conditions, detail));
  if (is('Succeeded', migration) && is('Failed', migration)) {
    refuse('Both success and failed conditions cannot be true at the same time');
  }
  if (is('Succeeded', old) && !is('Succeeded', migration)) {
    refuse('Success condition cannot be set to false once it is true');
  }
  if (is('Failed', old) && !is('Failed', migration)) {
    refuse('Failed condition cannot be set to false once it is true');
  }
  return errors;
}
