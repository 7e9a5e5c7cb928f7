import type { RequestMetrics } from '../metrics/request-metrics.ts';
import type { WatchMetrics } from '../metrics/watch-metrics.ts';
import type { Filter } from '../routing/handler.ts';
import { isLongRunning } from '../routing/long-running.ts';
import { whenEnded } from './watch-termination.ts';

const READ_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Counts requests, and measures how long their answers took; watches count what they send. */
export function withMetrics({
  requests: metrics,
  watches,
}: {
  readonly requests: RequestMetrics;
  readonly watches: WatchMetrics;
}): Filter {
  return async (context, next) => {
    context.watchMetrics = watches;
    const kind = READ_METHODS.has(context.request.method) ? 'readOnly' : 'mutating';
    const begin = performance.now();
    metrics.begin(kind);
    try {
      const response = await next(context);
      const { status, body } = response;
      if (body instanceof Uint8Array && !isLongRunning(context.requestInfo)) {
        const seconds = (performance.now() - begin) / 1000;
        metrics.record(context, { status, bytes: body.byteLength, seconds });
        return response;
      }
      metrics.record(context, { status });
      if (body instanceof Uint8Array) return response;
      metrics.longRunning(context, 1);
      return { ...response, body: whenEnded(body, () => metrics.longRunning(context, -1)) };
    } finally {
      metrics.end(kind);
    }
  };
}
