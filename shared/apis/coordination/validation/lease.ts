/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/coordination/validation/validation.go */

import { type FieldError, forbidden, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Lease } from '../v1/types.ts';
import { validateCoordinatedLeaseStrategy } from './lease-strategy.ts';

const SPEC = FieldPath.of('spec');

export function validateLease({ spec }: Lease): FieldError[] {
  const { leaseDurationSeconds: seconds, leaseTransitions, strategy, preferredHolder } = spec;
  const errors: FieldError[] = [];
  if (seconds !== undefined && seconds <= 0) {
    errors.push(invalid(SPEC.child('leaseDurationSeconds'), seconds, 'must be greater than 0'));
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    const detail = 'must be greater than or equal to 0';
    errors.push(invalid(SPEC.child('leaseTransitions'), leaseTransitions, detail));
  }
  if (strategy !== undefined)
    appendAll(errors, validateCoordinatedLeaseStrategy(strategy, SPEC.child('strategy')));
  if (preferredHolder && !strategy) {
    const detail = 'may only be specified if `strategy` is defined';
    errors.push(forbidden(SPEC.child('preferredHolder'), detail));
  }
  return errors;
}
