/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/authentication/validation/validation.go */

import { type FieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { TokenRequest } from '../v1/types.ts';

const MIN_SECONDS = 10 * 60;
const MAX_SECONDS = 2 ** 32;

export function validateTokenRequest({ spec }: TokenRequest): FieldError[] {
  const path = FieldPath.of('spec', 'expirationSeconds');
  const { expirationSeconds = 0 } = spec;
  const errors: FieldError[] = [];
  if (expirationSeconds < MIN_SECONDS) {
    errors.push(invalid(path, expirationSeconds, 'may not specify a duration less than 10 minutes'));
  }
  if (expirationSeconds > MAX_SECONDS) {
    errors.push(invalid(path, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  return errors;
}
