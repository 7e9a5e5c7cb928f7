/** Generic statuses for endpoints (`errors.NewGenericServerResponse`). */

import { newInternalError, newRequestEntityTooLarge, StatusError } from '../../meta/status-error.ts';
import { interpretStorageError } from '../../rest/storage-errors.ts';
import { BodyBudgetError } from '../../runtime/serializer/body-budget.ts';
import { isStorageError } from '../../storage/errors.ts';
import { UnsupportedError } from '../../util/unsupported.ts';

/** The Status for an unknown resource in a group version that is served. */
export function newUnknownResource(): StatusError {
  return new StatusError({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  });
}

export function newMethodNotAllowed(): StatusError {
  return new StatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });
}

/** Converts any error to a Status; unexpected errors become internal errors. */
export function toStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  if (error instanceof UnsupportedError) {
    return new StatusError({ code: 405, reason: 'MethodNotAllowed', message: error.message }, error);
  }
  if (error instanceof BodyBudgetError) return newRequestEntityTooLarge(error.message);
  if (isStorageError(error)) {
    const operation = { verb: 'get', resource: { group: '', resource: '' }, name: '' } as const;
    return interpretStorageError(error, operation) as StatusError;
  }
  return newInternalError(error);
}
