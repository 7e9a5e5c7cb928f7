/**
 * Converts storage errors to Statuses
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/storage/errors/storage.go).
 */

import { builtinResources } from '../apis/resource-table.ts';
import {
  newAlreadyExists,
  newBadRequest,
  newConflict,
  newForbidden,
  newInternalError,
  newNotFound,
  newPlainError,
  newRequestEntityTooLarge,
  newResourceExpired,
  newServerTimeout,
  newServiceUnavailable,
  newTooManyRequests,
  StatusError,
} from '../meta/status-error.ts';
import { formatGroupResource, type GroupResource } from '../runtime/group-version.ts';
import { isStorageError, type StorageError, type StorageErrorCode } from '../storage/errors.ts';

/** The operation during which storage failed. */
export interface StorageOperation {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'delete';
  readonly resource: GroupResource;
  /** '' for collections. */
  readonly name: string;
  readonly dryRun?: boolean | undefined;
}

type Translation = (error: StorageError, operation: StorageOperation) => StatusError;

/** Seconds after which a client may retry. */
const RETRY_SECONDS = 2;

/** Prefix of all upstream keys; absent in errors of dry runs. */
const ROOT = '/registry';

/** Go's text of a storage error, as used in conflicts. */
const describe = (
  error: StorageError,
  what: string,
  code: number,
  { resource, dryRun = false }: StorageOperation,
): string =>
  `StorageError: ${what}, Code: ${code}, Key: ${dryRun ? '' : ROOT}${etcdPrefix(resource)}/${error.details.key ?? ''}, ResourceVersion: 0, AdditionalErrorMsg: ${error.message}`;

/** Upstream prefixes that differ from the resource's name. */
const ETCD_PREFIXES: Readonly<Record<string, string>> = {
  'replicationcontrollers.': '/controllers',
  'endpoints.': '/services/endpoints',
  'nodes.': '/minions',
  'services.': '/services/specs',
  'ingresses.networking.k8s.io': '/ingress',
};
/** Groups of servers other than kube-apiserver, whose prefixes include the group. */
const DELEGATED = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** The prefix of a resource in upstream's store, which appears in errors. */
function etcdPrefix({ group, resource }: GroupResource): string {
  const special = ETCD_PREFIXES[`${resource}.${group}`];
  if (special !== undefined) return special;
  const isOwn = [...builtinResources().keys()].some((gv) => gv === group || gv.startsWith(`${group}/`));
  return group === '' || (isOwn && !DELEGATED.has(group)) ? `/${resource}` : `/${group}/${resource}`;
}

/** The key in upstream's store that an error refers to. */
const keyOf = (error: StorageError, { resource }: StorageOperation): string =>
  `${ROOT}${etcdPrefix(resource)}/${error.details.key ?? ''}`;

const conflict = (
  error: StorageError,
  what: string,
  code: number,
  operation: StorageOperation,
): StatusError => newConflict(operation.resource, operation.name, describe(error, what, code, operation));

const timeout: Translation = (error, { resource, verb }) =>
  newServerTimeout(resource, verb, error.details.retryAfterSeconds ?? RETRY_SECONDS);
const badRequest: Translation = (error) => newBadRequest(error.message);
const internal: Translation = (error) => newInternalError(error);

const TRANSLATIONS: Readonly<Record<StorageErrorCode, Translation>> = {
  KeyNotFound: (_, { resource, name }) => newNotFound(resource, name),
  KeyExists: (error, operation) =>
    operation.verb === 'create'
      ? newAlreadyExists(operation.resource, operation.name)
      : conflict(error, 'key exists', 2, operation),
  ResourceVersionConflicts: (error, operation) => conflict(error, 'resource version conflicts', 3, operation),
  InvalidObject: (error, operation) => conflict(error, 'invalid object', 4, operation),
  InvalidPreconditions: (error, operation) => conflict(error, 'invalid object', 4, operation),
  InvalidResourceVersion: (error, { verb }) =>
    verb === 'list' ? newBadRequest(error.message) : newPlainError(error.message),
  InvalidContinueToken: badRequest,
  Expired: (error) => newResourceExpired(error.message, error.details.continue),
  TooLargeResourceVersion: (error) => newTooLargeResourceVersion(error),
  ObjectTooLarge: (error) => newRequestEntityTooLarge(error.message),
  CorruptObject: (error, operation) =>
    error.details.corrupt === undefined
      ? newInternalError(corruptText(error, operation))
      : newCorruptList(error.details.corrupt, operation),
  QuotaExceeded: (error, { resource, name }) => newForbidden(resource, name, error.message),
  // A throttled operation has not been executed, unlike possibly one that timed out, so the client can safely retry.
  Throttled: (error) => newStoreBusy(error),
  Timeout: timeout,
  Unreachable: timeout,
  NewerFormat: (error) => newServiceUnavailable(error.message, RETRY_SECONDS, error),
  Internal: internal,
};

/**
 * The text of upstream's store for an object that can't be decoded: shorter for updates, and with the complete key for
 * lists.
 */
function corruptText(error: StorageError, operation: StorageOperation): string {
  const { revision, cause } = error.details;
  const why = cause instanceof Error ? cause.message : String(cause ?? error.message);
  const what =
    revision === undefined
      ? `data from the storage is not transformable revision=0: ${why}`
      : `object not decodable revision=${revision}: ${why}`;
  if (operation.verb === 'update') return what;
  const key =
    operation.verb === 'list' ? keyOf(error, operation) : keyOf(error, operation).slice(ROOT.length);
  return `StorageError: corrupt object, Code: 7, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${what}`;
}

/** https://github.com/kubernetes/apiserver/blob/master/pkg/storage/etcd3/corrupt_obj_deleter.go, NewAPIStatusError */
function newCorruptList(corrupt: readonly StorageError[], operation: StorageOperation): StatusError {
  const { group, resource } = operation.resource;
  const texts = corrupt.map((error) => corruptText(error, operation));
  const more = texts.length > 1 ? ` (and ${texts.length - 1} more)` : '';
  return new StatusError({
    code: 500,
    reason: 'StorageReadError',
    message: `failed to read one or more ${formatGroupResource(operation.resource)} from the storage: ${texts[0]}${more}`,
    details: {
      name: 'list',
      ...(group !== '' && { group }),
      kind: resource,
      causes: corrupt.map((error, index) => ({
        reason: 'UnexpectedServerResponse',
        message: texts[index]!,
        field: keyOf(error, operation),
      })),
    },
  });
}

function newStoreBusy({ details }: StorageError): StatusError {
  return newTooManyRequests(
    'the store accepts no more requests at the moment',
    details.retryAfterSeconds ?? RETRY_SECONDS,
  );
}

/**
 * The Status for a request that can't be served because of `cause`, for which the client isn't responsible: 429 if the
 * store throttles, otherwise 503 with `message`.
 */
export function newUnavailable(cause: unknown, message: string, retryAfterSeconds: number): StatusError {
  if (isStorageError(cause, 'Throttled')) return newStoreBusy(cause);
  if (cause instanceof StatusError && cause.status.reason === 'TooManyRequests') return cause;
  return newServiceUnavailable(message, retryAfterSeconds);
}

/** Upstream's `storage.NewTooLargeResourceVersionError`: the requested revision doesn't exist yet. */
function newTooLargeResourceVersion(error: StorageError): StatusError {
  return new StatusError(
    {
      code: 504,
      reason: 'Timeout',
      message: `Timeout: ${error.message}`,
      details: {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: error.details.retryAfterSeconds ?? 1,
      },
    },
    error,
  );
}

/** Converts a `StorageError` to upstream's Status; returns other errors unchanged. */
export function interpretStorageError(error: unknown, operation: StorageOperation): unknown {
  return isStorageError(error) ? TRANSLATIONS[error.code](error, operation) : error;
}

/** Runs `operation`'s storage calls and converts the errors they throw. */
export function translateStorageErrors<R>(operation: StorageOperation, run: () => Promise<R>): Promise<R> {
  return run().catch((error: unknown) => {
    throw interpretStorageError(error, operation);
  });
}
