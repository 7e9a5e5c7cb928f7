/** What the types of v1alpha3 don't declare of answers. */

import { type FieldError, shownAs } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import type { ResourcePoolStatusRequest } from '../v1alpha3/types.ts';

const STATUS = FieldPath.of('status');

/** A request is answered once. */
export function validatePoolStatusUpdate(
  { status }: ResourcePoolStatusRequest,
  { status: old }: ResourcePoolStatusRequest,
): FieldError[] {
  return old
    ? shownAs('resource.ResourcePoolStatusRequestStatus', validateImmutableField(status, old, STATUS))
    : validateConditions(status?.conditions, STATUS.child('conditions'));
}
