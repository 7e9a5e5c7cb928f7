import { isUnavailable } from '../meta/status-error.ts';
import { newUnavailable } from '../rest/storage-errors.ts';
import { isStorageError } from '../storage/errors.ts';

const RETRY_AFTER_SECONDS = 1;

/**
 * What to tell of a decision whose grounds can't be read at the moment; undefined: the error is another. Upstream's
 * informers always know something; what can't be read here may well allow, and is no reason for a 403.
 */
export function unreadable(error: unknown): Error | undefined {
  if (isUnavailable(error)) return error;
  return isStorageError(error, 'Throttled', 'Timeout', 'Unreachable', 'NewerFormat')
    ? newUnavailable(error, 'what grants access can not be read', RETRY_AFTER_SECONDS)
    : undefined;
}
