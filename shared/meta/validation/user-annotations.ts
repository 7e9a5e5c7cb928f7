import { type FieldError, tooLong } from '../field-error.ts';
import type { FieldPath } from '../field-path.ts';
import { isDomainPrefixedKey } from './domains.ts';
import { byteLength } from './format.ts';
import { TOTAL_ANNOTATION_SIZE_LIMIT } from './object-meta.ts';

/** Validates a pod's annotations for the signer of its certificates. Keys are compared, and reported, in lower case. */
export function validateUserAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const errors = entries.flatMap(([key]) => isDomainPrefixedKey(path, key.toLowerCase()));
  const size = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  return size > TOTAL_ANNOTATION_SIZE_LIMIT
    ? [...errors, tooLong(path, TOTAL_ANNOTATION_SIZE_LIMIT)]
    : errors;
}
