import type { RequestObserver, RequestRecord } from '../../request/request-record.ts';
import type { RequestMetrics } from '../metrics/request-metrics.ts';
import type { WatchMetrics } from '../metrics/watch-metrics.ts';
import type { Filter } from '../routing/handler.ts';
import { isLongRunning } from '../routing/long-running.ts';
import type { ServingContext } from '../routing/serving-context.ts';
import { whenEnded } from './watch-termination.ts';

const READ_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Counts requests and measures their latency. Watches count the events they send. */
export function withMetrics({
  requests: metrics,
  watches,
  onEnd,
}: {
  readonly requests: RequestMetrics;
  readonly watches: WatchMetrics;
  /** Called for requests whose host doesn't register an observer of its own. */
  readonly onEnd?: RequestObserver | undefined;
}): Filter {
  return async (context, next) => {
    context.watchMetrics = watches;
    const kind = READ_METHODS.has(context.request.method) ? 'readOnly' : 'mutating';
    const begin = performance.now();
    metrics.begin(kind);
    try {
      const response = await next(context);
      const { status, body } = response;
      const { onEnd: observe = onEnd } = context.request;
      const record = (bytes: number): void =>
        observe?.(recordOf(context, status, bytes, performance.now() - begin));
      if (body instanceof Uint8Array) {
        const bytes = body.byteLength;
        const seconds = (performance.now() - begin) / 1000;
        metrics.record(context, { status, ...(!isLongRunning(context.requestInfo) && { bytes, seconds }) });
        record(bytes);
        return response;
      }
      metrics.record(context, { status });
      metrics.longRunning(context, 1);
      const ended = (bytes: number): void => {
        metrics.longRunning(context, -1);
        record(bytes);
      };
      return { ...response, body: whenEnded(body, ended) };
    } finally {
      metrics.end(kind);
    }
  };
}

function recordOf(
  { audit, requestInfo, served }: ServingContext,
  status: number,
  bytes: number,
  milliseconds: number,
): RequestRecord {
  const { isResourceRequest, verb, namespace, name, path } = requestInfo;
  const { group = '', version = '', resource = '', subresource = '' } = served ?? {};
  return {
    auditID: audit.auditID,
    verb,
    group,
    version,
    resource,
    subresource,
    namespace: served === undefined ? '' : namespace,
    name: served === undefined ? '' : name,
    path: isResourceRequest ? '' : path,
    status,
    milliseconds,
    bytes,
    isLongRunning: isLongRunning(requestInfo),
  };
}
