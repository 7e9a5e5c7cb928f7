/** The errors of the storage layer; `shared/rest` translates them into Kubernetes Statuses. */

/** Upstream's storage error codes, and additional failures of a networked store. */
export type StorageErrorCode =
  | 'KeyNotFound'
  | 'KeyExists'
  | 'ResourceVersionConflicts'
  | 'InvalidObject'
  | 'InvalidPreconditions'
  | 'InvalidResourceVersion'
  | 'InvalidContinueToken'
  | 'Expired'
  | 'TooLargeResourceVersion'
  | 'ObjectTooLarge'
  | 'CorruptObject'
  | 'QuotaExceeded'
  | 'Throttled'
  | 'Timeout'
  | 'Unreachable'
  /** A newer release has written data in a format unknown to this one. */
  | 'NewerFormat'
  | 'Internal';

export interface StorageErrorDetails {
  readonly key?: string | undefined;
  readonly resourceVersion?: number | undefined;
  /** For Expired from a continue: a token that continues inconsistently from the newest state, as upstream offers. */
  readonly continue?: string | undefined;
  /** For TooLargeResourceVersion, Throttled, Timeout: seconds after which a retry makes sense. */
  readonly retryAfterSeconds?: number | undefined;
  /** For CorruptObject, if the item can be read but not decoded: its revision. */
  readonly revision?: number | undefined;
  /** For CorruptObject of a list: all its unreadable objects. */
  readonly corrupt?: readonly StorageError[] | undefined;
  readonly cause?: unknown;
}

export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  readonly details: StorageErrorDetails;

  constructor(code: StorageErrorCode, message: string, details: StorageErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.details = details;
  }
}

export function isStorageError(error: unknown, ...codes: StorageErrorCode[]): error is StorageError {
  return error instanceof StorageError && (codes.length === 0 || codes.includes(error.code));
}
