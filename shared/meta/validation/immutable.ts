import { semanticDeepEqual } from '../deep-equal.ts';
import { type FieldError, invalid } from '../field-error.ts';
import type { FieldPath } from '../field-path.ts';
import { FIELD_IMMUTABLE } from './object-meta.ts';

/** Reports a value that differs from the stored one (apimachinery `ValidateImmutableField`). */
export function validateImmutableField(value: unknown, old: unknown, path: FieldPath): FieldError[] {
  return semanticDeepEqual(value, old) ? [] : [invalid(path, value, FIELD_IMMUTABLE)];
}
