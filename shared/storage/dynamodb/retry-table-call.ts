import { type Clock, systemClock } from '../../util/clock.ts';
import { isTableError } from './dynamodb-table.ts';
import { DEFAULT_PROTOCOL } from './protocol.ts';
import { backoff, mayRetry } from './retry.ts';

/** Retries an idempotent call for as long as storage retries its own. Rejects with the last error. */
export async function retryTableCall<R>(call: () => Promise<R>, clock: Clock = systemClock): Promise<R> {
  const start = clock.monotonic();
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const elapsed = clock.monotonic() - start;
      if (!isTableError(error) || !mayRetry(error.kind, elapsed, DEFAULT_PROTOCOL)) throw error;
      await clock.sleep(backoff(clock, attempt));
    }
  }
}
