/** Retries of DynamoDB calls, and the errors that remain. */

import type { Clock } from '../../util/clock.ts';
import { isStorageError, StorageError, type StorageErrorCode } from '../errors.ts';
import { isTableError, type TableErrorKind } from './dynamodb-table.ts';
import type { Protocol } from './protocol.ts';

const RETRIED: readonly TableErrorKind[] = ['Ambiguous', 'Conflict', 'Throttled', 'Unreachable'];

/** Errors as reported to callers of `Storage`; kinds not listed here never leave the log. */
const CODES: Partial<Record<TableErrorKind, StorageErrorCode>> = {
  Ambiguous: 'Timeout',
  Canceled: 'Throttled',
  Conflict: 'Throttled',
  Refused: 'Unreachable',
  Throttled: 'Throttled',
  TooLarge: 'ObjectTooLarge',
  TooLate: 'Timeout',
  Unreachable: 'Unreachable',
};

export interface Retrier {
  readonly clock: Clock;
  readonly protocol: Protocol;
}

/** Retries an idempotent `call` until it succeeds or time is up. Throws StorageError, or ConditionFailed unchanged. */
export async function retry<R>({ clock, protocol }: Retrier, call: () => Promise<R>): Promise<R> {
  const start = clock.monotonic();
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (isTableError(error, 'ConditionFailed')) throw error;
      if (!isTableError(error) || !mayRetry(error.kind, clock.monotonic() - start, protocol)) {
        throw storageError(error);
      }
      await clock.sleep(backoff(clock, attempt));
    }
  }
}

export function mayRetry(kind: TableErrorKind, elapsedMs: number, protocol: Protocol): boolean {
  return (
    RETRIED.includes(kind) && elapsedMs < (kind === 'Unreachable' ? protocol.unreachableMs : protocol.retryMs)
  );
}

/** Full jitter, from 10 ms doubling to 640 ms. */
export function backoff(clock: Clock, attempt: number): number {
  return clock.random() * 10 * 2 ** Math.min(attempt, 6);
}

export function storageError(error: unknown): StorageError {
  if (isStorageError(error)) return error;
  const code = isTableError(error) ? (CODES[error.kind] ?? 'Internal') : 'Internal';
  const message = error instanceof Error ? error.message : String(error);
  const retryAfterSeconds = code === 'Throttled' || code === 'Timeout' ? 1 : undefined;
  return new StorageError(code, message, { cause: error, retryAfterSeconds });
}
