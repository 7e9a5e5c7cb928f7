/** Rules for answers that the types of v1alpha3 don't declare. */

import { type FieldError, shownAs } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import type { ResourcePoolStatusRequest } from '../v1alpha3/types.ts';

const STATUS = FieldPath.of('status');

/** A request can be answered only once. */
export function validatePoolStatusUpdate(
  { status }: ResourcePoolStatusRequest,
  { status: old }: ResourcePoolStatusRequest,
): FieldError[] {
  return old
    ? shownAs('resource.ResourcePoolStatusRequestStatus', validateImmutableField(status, old, STATUS))
    : validateConditions(status?.conditions, STATUS.child('conditions'));
}
