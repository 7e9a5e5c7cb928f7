/** The storage layer's one error family; `shared/rest` translates it into Kubernetes Statuses. */

/** Upstream's storage error codes, and the failures a networked store adds. */
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
  /** A program of a newer release has written there, in a way that this one does not know. */
  | 'NewerFormat'
  | 'Internal';

export interface StorageErrorDetails {
  readonly key?: string | undefined;
  readonly resourceVersion?: number | undefined;
  /** On Expired from a continue: a token that goes on from the newest state, inconsistently, as upstream offers. */
  readonly continue?: string | undefined;
  /** On TooLargeResourceVersion, Throttled, Timeout: seconds after which a retry makes sense. */
  readonly retryAfterSeconds?: number | undefined;
  /** On CorruptObject of what can be read and not decoded: its revision. */
  readonly revision?: number | undefined;
  /** On CorruptObject of a list: all that can't be read of it. */
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
