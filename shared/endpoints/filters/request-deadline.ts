import { newBadRequest, newTimeoutError } from '../../meta/status-error.ts';
import { parseDuration } from '../../util/duration.ts';
import type { Filter } from '../routing/handler.ts';
import { isLongRunning } from '../routing/long-running.ts';

/** The query's `timeout`, in milliseconds, at most the server's own. Throws BadRequest. */
function deadlineOf(query: URLSearchParams, maximum: number): number {
  const text = query.get('timeout');
  if (text === null || text === '') return maximum;
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) {
    throw newBadRequest(
      `invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`,
    );
  }
  if (milliseconds <= 0) return maximum;
  return Math.min(milliseconds, maximum);
}

/** Ends requests that aren't meant to last; what they have begun sees its signal aborted. */
export function withRequestDeadline(requestTimeoutSeconds: number): Filter {
  return async (context, next) => {
    if (isLongRunning(context.requestInfo)) return next(context);
    const milliseconds = deadlineOf(context.request.query, requestTimeoutSeconds * 1000);
    const controller = new AbortController();
    const parent = context.signal;
    const abort = (): void => controller.abort(parent.reason);
    if (parent.aborted) abort();
    else parent.addEventListener('abort', abort, { once: true });
    context.signal = controller.signal;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        timer = setTimeout(() => {
          controller.abort();
          reject(newTimeoutError('request did not complete within the allotted timeout', 0));
        }, milliseconds);
        next(context).then(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
      parent.removeEventListener('abort', abort);
    }
  };
}
