/**
 * Errors that carry a Kubernetes Status
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/api/errors/errors.go).
 */

import { quote } from '../runtime/go-format.ts';
import {
  formatGroupKind,
  formatGroupResource,
  type GroupKind,
  type GroupResource,
} from '../runtime/group-version.ts';
import { clipText, MAX_REPORTED_TEXT } from '../util/clip-text.ts';
import { aggregateLimited, type FieldError, limitErrors } from './field-error.ts';

export interface StatusCause {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly field?: string | undefined;
}

interface StatusDetails {
  readonly name?: string | undefined;
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly uid?: string | undefined;
  readonly causes?: readonly StatusCause[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** `metav1.Status` as encoded, with empty fields omitted. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly details?: StatusDetails | undefined;
  readonly code: number;
}

/** Twice the limit for field errors, whose messages are prefixed with field names. */
const MAX_MESSAGE = 2 * MAX_REPORTED_TEXT;

export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;

  constructor(
    status: Omit<Status, 'kind' | 'apiVersion' | 'metadata' | 'status'> & { metadata?: Status['metadata'] },
    cause?: unknown,
  ) {
    const message = status.message === undefined ? undefined : clipText(status.message, MAX_MESSAGE);
    super(message ?? '', cause === undefined ? undefined : { cause });
    const { metadata = {}, reason, details, code } = status;
    // Members in Go's order, for clients that compare texts.
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata,
      status: 'Failure',
      ...(message !== undefined && { message }),
      ...(reason !== undefined && { reason }),
      ...(details !== undefined && { details }),
      code,
    };
  }
}

/** Omits empty strings, like `omitempty`. */
function details(of: GroupResource, name: string, more: Partial<StatusDetails> = {}): StatusDetails {
  return {
    ...(name !== '' && { name }),
    ...(of.group !== '' && { group: of.group }),
    ...(of.resource !== '' && { kind: of.resource }),
    ...more,
  };
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export function newNotFound(resource: GroupResource, name: string): StatusError {
  const message = `${formatGroupResource(resource)} ${quote(name)} not found`;
  return new StatusError({ code: 404, reason: 'NotFound', details: details(resource, name), message });
}

export function newAlreadyExists(resource: GroupResource, name: string): StatusError {
  const message = `${formatGroupResource(resource)} ${quote(name)} already exists`;
  return new StatusError({ code: 409, reason: 'AlreadyExists', details: details(resource, name), message });
}

export function newGenerateNameConflict(
  resource: GroupResource,
  name: string,
  retryAfterSeconds: number,
): StatusError {
  const message = `${formatGroupResource(resource)} ${quote(name)} already exists, the server was not able to generate a unique name for the object`;
  const of = details(resource, name, waiting(retryAfterSeconds));
  return new StatusError({ code: 409, reason: 'AlreadyExists', details: of, message });
}

export function newUnauthorized(reason: string): StatusError {
  return new StatusError({ code: 401, reason: 'Unauthorized', message: reason || 'not authorized' });
}

/** `why` is upstream's error: `User "x" cannot get resource ...`. */
export function newForbidden(resource: GroupResource, name: string, why: unknown): StatusError {
  const of = formatGroupResource(resource);
  const subject =
    resource.group === '' && resource.resource === ''
      ? 'forbidden'
      : name === ''
        ? `${of} is forbidden`
        : `${of} ${quote(name)} is forbidden`;
  const message = `${subject}: ${textOf(why)}`;
  return new StatusError({ code: 403, reason: 'Forbidden', details: details(resource, name), message });
}

export function newConflict(resource: GroupResource, name: string, why: unknown): StatusError {
  const message = `Operation cannot be fulfilled on ${formatGroupResource(resource)} ${quote(name)}: ${textOf(why)}`;
  return new StatusError({ code: 409, reason: 'Conflict', details: details(resource, name), message });
}

export function newApplyConflict(causes: readonly StatusCause[], message: string): StatusError {
  return new StatusError({ code: 409, reason: 'Conflict', details: { causes }, message });
}

/** `continueToken` allows an inconsistent continuation of a paged list. */
export function newResourceExpired(message: string, continueToken?: string): StatusError {
  return new StatusError({
    code: 410,
    reason: 'Expired',
    message,
    ...(continueToken && { metadata: { continue: continueToken } }),
  });
}

/** `distinct` drops causes with the same message. */
export function newInvalid(
  kind: GroupKind,
  name: string,
  errors: readonly FieldError[],
  { distinct = false }: { readonly distinct?: boolean } = {},
): StatusError {
  const shown = limitErrors(errors, distinct);
  const causes = shown.reported.map(({ error, body }) => ({
    reason: error.type,
    message: body,
    field: error.field,
  }));
  const subject = `${formatGroupKind(kind)} ${quote(name)} is invalid`;
  const message = errors.length === 0 ? subject : `${subject}: ${aggregateLimited(shown)}`;
  const of = details({ group: kind.group, resource: kind.kind }, name, causes.length > 0 ? { causes } : {});
  return new StatusError({ code: 422, reason: 'Invalid', details: of, message });
}

export function newBadRequest(message: string): StatusError {
  return new StatusError({ code: 400, reason: 'BadRequest', message });
}

/** The delay before a retry; Go omits zero. */
const waiting = (retryAfterSeconds: number): StatusDetails =>
  retryAfterSeconds > 0 ? { retryAfterSeconds } : {};

export function newTooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  const of = waiting(retryAfterSeconds);
  return new StatusError({ code: 429, reason: 'TooManyRequests', message, details: of });
}

export function newServiceUnavailable(
  message: string,
  retryAfterSeconds?: number,
  cause?: unknown,
): StatusError {
  const wait = retryAfterSeconds !== undefined && { details: { retryAfterSeconds } };
  return new StatusError({ code: 503, reason: 'ServiceUnavailable', message, ...wait }, cause);
}

export function newMethodNotSupported(resource: GroupResource, action: string): StatusError {
  const message = `${action} is not supported on resources of kind ${quote(formatGroupResource(resource))}`;
  return new StatusError({ code: 405, reason: 'MethodNotAllowed', details: details(resource, ''), message });
}

export function newServerTimeout(
  resource: GroupResource,
  operation: string,
  retryAfterSeconds: number,
): StatusError {
  const message = `The ${operation} operation against ${formatGroupResource(resource)} could not be completed at this time, please try again.`;
  const of = details(resource, operation, waiting(retryAfterSeconds));
  return new StatusError({ code: 500, reason: 'ServerTimeout', details: of, message });
}

/** A client error that upstream reports as a plain Go error, which becomes a 500 although the server isn't at fault. */
export class PlainError extends StatusError {}

/** The Status of a plain Go error: 500 without a reason (`ErrorToAPIStatus`, responsewriters/status.go). */
export function newPlainError(message: string): StatusError {
  return new PlainError({ code: 500, message });
}

/** The error is kept as cause for the log. As upstream, its message is sent to the client. */
export function newInternalError(error: unknown): StatusError {
  const text = clipText(textOf(error));
  const of = { causes: [{ message: text }] };
  return new StatusError(
    { code: 500, reason: 'InternalError', details: of, message: `Internal error occurred: ${text}` },
    error,
  );
}

export function newTimeoutError(message: string, retryAfterSeconds: number): StatusError {
  const of = waiting(retryAfterSeconds);
  return new StatusError({ code: 504, reason: 'Timeout', message: `Timeout: ${message}`, details: of });
}

export function newRequestEntityTooLarge(message: string): StatusError {
  return new StatusError({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: ${message}`,
  });
}

export function newNotAcceptable(message: string): StatusError {
  return new StatusError({ code: 406, reason: 'NotAcceptable', message });
}

export function newUnsupportedMediaType(message: string): StatusError {
  return new StatusError({ code: 415, reason: 'UnsupportedMediaType', message });
}

const hasReason =
  (reason: string) =>
  (error: unknown): error is StatusError =>
    error instanceof StatusError && error.status.reason === reason;

/** Whether the failure isn't the client's and may be temporary. */
export function isUnavailable(error: unknown): error is StatusError {
  return error instanceof StatusError && (error.status.code >= 500 || error.status.code === 429);
}

export const isUnauthorized = hasReason('Unauthorized');
export const isNotFound = hasReason('NotFound');
export const isAlreadyExists = hasReason('AlreadyExists');
export const isConflict = hasReason('Conflict');
export const isInvalid = hasReason('Invalid');
export const isForbidden = hasReason('Forbidden');

/** For `catch`: resolves to undefined for a harmless error and rethrows others. */
export const unless =
  (isHarmless: (error: unknown) => boolean) =>
  (error: unknown): undefined => {
    if (!isHarmless(error)) throw error;
  };
