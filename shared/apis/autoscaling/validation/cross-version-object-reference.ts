import { type FieldError, invalid, invalidEach, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isPathSegmentName } from '../../../meta/validation/names.ts';
import { parseGroupVersion } from '../../../runtime/group-version.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { CrossVersionObjectReference } from '../v2/types.ts';

/** Rules for a reference's apiVersion that are skipped. */
export interface ReferenceTolerance {
  readonly emptyAPIGroup: boolean;
  readonly invalidAPIVersion: boolean;
}

/** The error in the reference's apiVersion, if any. */
export function apiVersionError(
  { apiVersion = '' }: CrossVersionObjectReference,
  tolerance: ReferenceTolerance,
): string | undefined {
  if (tolerance.invalidAPIVersion) return undefined;
  const gv = parseGroupVersion(apiVersion);
  if (gv === undefined) return `unexpected GroupVersion string: ${apiVersion}`;
  return gv.group === '' && !tolerance.emptyAPIGroup ? 'apiVersion must specify API group' : undefined;
}

export function validateCrossVersionObjectReference(
  ref: CrossVersionObjectReference,
  path: FieldPath,
  tolerance: ReferenceTolerance,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['kind', 'name'] as const) {
    const value = ref[field];
    if (value === '') errors.push(required(path.child(field), ''));
    else appendAll(errors, invalidEach(path.child(field), value, isPathSegmentName(value)));
  }
  const detail = apiVersionError(ref, tolerance);
  if (detail !== undefined) errors.push(invalid(path.child('apiVersion'), ref.apiVersion ?? '', detail));
  return errors;
}
