import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, invalid, invalidEach, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isValidIP } from '../../../meta/validation/ip.ts';
import { isDNS1123Subdomain, isPathSegmentName } from '../../../meta/validation/names.ts';
import { FIELD_IMMUTABLE } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { IPAddress } from '../v1/types.ts';

const PARENT_REF = FieldPath.of('spec', 'parentRef');

/** An IPAddress is named after the address, in canonical form. */
export function validateIPAddressName(name: string): string[] {
  return isValidIP(PARENT_REF, name).map(({ detail }) => detail);
}

export function validateIPAddress({ spec: { parentRef } }: IPAddress): FieldError[] {
  if (!parentRef) return [required(PARENT_REF, '')];
  const { group, resource, name, namespace } = parentRef;
  const errors = group ? invalidEach(PARENT_REF.child('group'), group, isDNS1123Subdomain(group)) : [];
  for (const [field, value] of Object.entries({ resource, name })) {
    if (!value) errors.push(required(PARENT_REF.child(field), ''));
    else appendAll(errors, invalidEach(PARENT_REF.child(field), value, isPathSegmentName(value)));
  }
  if (!namespace) return errors;
  return errors.concat(invalidEach(PARENT_REF.child('namespace'), namespace, isPathSegmentName(namespace)));
}

export function validateIPAddressUpdate(address: IPAddress, old: IPAddress): FieldError[] {
  const errors = validateIPAddress(address);
  const { parentRef } = address.spec;
  if (semanticDeepEqual(parentRef, old.spec.parentRef)) return errors;
  const { group = '', resource = '', namespace = '', name = '' } = parentRef ?? {};
  const shown = parentRef ? { Group: group, Resource: resource, Namespace: namespace, Name: name } : null;
  return [...errors, invalid(PARENT_REF, shown, FIELD_IMMUTABLE)];
}
