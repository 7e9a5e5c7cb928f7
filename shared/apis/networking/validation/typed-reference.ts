import { type FieldError, invalidEach, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isDNS1123Subdomain, isPathSegmentName } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';

/** Validates a reference by group, kind and name. Kind and name must be valid path segments. */
export function validateTypedReference(
  reference: { readonly apiGroup?: string | null | undefined; readonly kind: string; readonly name: string },
  path: FieldPath,
): FieldError[] {
  // A pointer without omitempty, so unset is null.
  const apiGroup = reference.apiGroup ?? undefined;
  const errors =
    apiGroup === undefined ? [] : invalidEach(path.child('apiGroup'), apiGroup, isDNS1123Subdomain(apiGroup));
  for (const field of ['kind', 'name'] as const) {
    const value = reference[field];
    if (value === '') errors.push(required(path.child(field), ''));
    else appendAll(errors, invalidEach(path.child(field), value, isPathSegmentName(value)));
  }
  return errors;
}
