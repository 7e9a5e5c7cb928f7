import { isUnavailable } from '../meta/status-error.ts';
import { newUnavailable } from '../rest/storage-errors.ts';
import { isStorageError } from '../storage/errors.ts';

const RETRY_AFTER_SECONDS = 1;

/**
 * The error for a decision whose inputs can't be read at present; undefined for any other error. Upstream's informers
 * always have some state; here unreadable objects might allow the request, so a 403 would be wrong.
 */
export function unreadable(error: unknown): Error | undefined {
  if (isUnavailable(error)) return error;
  return isStorageError(error, 'Throttled', 'Timeout', 'Unreachable', 'NewerFormat')
    ? newUnavailable(error, 'what grants access can not be read', RETRY_AFTER_SECONDS)
    : undefined;
}
