import { type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isDNS1123Subdomain, isPathSegmentName } from '../../../meta/validation/names.ts';
import { FIELD_IMMUTABLE } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { ClusterRoleBinding, RoleBinding, RoleRef, Subject } from '../v1/types.ts';

const NO_GROUP = [''];

const GROUP = 'rbac.authorization.k8s.io';
const GROUPS = [GROUP];
const ROLE_REF = FieldPath.of('roleRef');
const SUBJECTS = FieldPath.of('subjects');
const SUBJECT_KINDS = ['ServiceAccount', 'User', 'Group'];

export const validateRoleBinding = (binding: RoleBinding): FieldError[] =>
  validateBinding(binding, { roleKinds: ['Role', 'ClusterRole'], namespaced: true });

export const validateClusterRoleBinding = (binding: ClusterRoleBinding): FieldError[] =>
  validateBinding(binding, { roleKinds: ['ClusterRole'], namespaced: false });

/** For both kinds of bindings, whose role is immutable. */
export function validateRoleRefUpdate(
  { roleRef }: { roleRef: RoleRef },
  old: { roleRef: RoleRef },
): FieldError[] {
  const { apiGroup: APIGroup, kind: Kind, name: Name } = roleRef;
  const same = APIGroup === old.roleRef.apiGroup && Kind === old.roleRef.kind && Name === old.roleRef.name;
  return same ? [] : [invalid(ROLE_REF, { APIGroup, Kind, Name }, FIELD_IMMUTABLE)];
}

function validateBinding(
  { roleRef, subjects }: RoleBinding | ClusterRoleBinding,
  { roleKinds, namespaced }: { roleKinds: readonly string[]; namespaced: boolean },
): FieldError[] {
  const errors: FieldError[] = [];
  if (roleRef.apiGroup !== GROUP) {
    errors.push(notSupported(ROLE_REF.child('apiGroup'), roleRef.apiGroup, GROUPS));
  }
  if (!roleKinds.includes(roleRef.kind)) {
    errors.push(notSupported(ROLE_REF.child('kind'), roleRef.kind, roleKinds));
  }
  const name = ROLE_REF.child('name');
  if (roleRef.name === '') errors.push(required(name, ''));
  else
    appendAll(
      errors,
      isPathSegmentName(roleRef.name).map((text) => invalid(name, roleRef.name, text)),
    );
  for (const [index, subject] of (subjects ?? []).entries()) {
    appendAll(errors, validateSubject(subject, namespaced, SUBJECTS.index(index)));
  }
  return errors;
}

function validateSubject(subject: Subject, namespaced: boolean, path: FieldPath): FieldError[] {
  const { kind, name, apiGroup = '', namespace = '' } = subject;
  const errors: FieldError[] = name === '' ? [required(path.child('name'), '')] : [];
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') {
        const texts = isDNS1123Subdomain(name);
        appendAll(
          errors,
          texts.map((text) => invalid(path.child('name'), name, text)),
        );
      }
      if (apiGroup !== '') errors.push(notSupported(path.child('apiGroup'), apiGroup, NO_GROUP));
      if (!namespaced && namespace === '') errors.push(required(path.child('namespace'), ''));
      break;
    case 'User':
    case 'Group':
      if (apiGroup !== GROUP) errors.push(notSupported(path.child('apiGroup'), apiGroup, GROUPS));
      break;
    default:
      errors.push(notSupported(path.child('kind'), kind, SUBJECT_KINDS));
  }
  return errors;
}
