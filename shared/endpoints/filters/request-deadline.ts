import { newBadRequest, newTimeoutError } from '../../meta/status-error.ts';
import { DecodingError } from '../../runtime/serializer/decoding-error.ts';
import { parseDuration } from '../../runtime/serializer/scalars/duration.ts';
import type { Filter } from '../routing/handler.ts';
import { isLongRunning } from '../routing/long-running.ts';
import type { SignalSource } from '../routing/serving-context.ts';

/** The query's `timeout` in milliseconds, capped at the server's own. Throws BadRequest. */
function deadlineOf(query: URLSearchParams, maximum: number): number {
  const text = query.get('timeout');
  if (text === null || text === '') return maximum;
  const milliseconds = Number(durationOf(text)) / 1e6;
  if (milliseconds <= 0) return maximum;
  return Math.min(milliseconds, maximum);
}

/** Parses a Go duration into nanoseconds. Throws BadRequest. */
function durationOf(text: string): bigint {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    throw newBadRequest(`invalid timeout specified in the request URL - ${error.message}`);
  }
}

/** The request's signal, which also aborts at the deadline. */
class Deadline implements SignalSource {
  readonly #outer: SignalSource;
  readonly #controller = new AbortController();
  #stopListening: (() => void) | undefined;

  constructor(outer: SignalSource) {
    this.#outer = outer;
  }

  get signal(): AbortSignal {
    if (this.#stopListening === undefined) {
      const outer = this.#outer.signal;
      const abort = (): void => this.#controller.abort(outer.reason);
      this.#stopListening = () => outer.removeEventListener('abort', abort);
      if (outer.aborted) abort();
      else outer.addEventListener('abort', abort, { once: true });
    }
    return this.#controller.signal;
  }

  /** Aborts the signal at the deadline. */
  end(): void {
    this.#controller.abort();
  }

  /** Stops listening to the outer signal once the request is answered. */
  clear(): void {
    this.#stopListening?.();
  }
}

/** Ends requests at their deadline, except long-running ones, and aborts their signal. */
export function withRequestDeadline(requestTimeoutSeconds: number): Filter {
  return async (context, next) => {
    if (isLongRunning(context.requestInfo)) return next(context);
    const milliseconds = deadlineOf(context.request.query, requestTimeoutSeconds * 1000);
    const deadline = context.narrowSignal((outer) => new Deadline(outer));
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        timer = setTimeout(() => {
          deadline.end();
          context.terminated = true;
          reject(newTimeoutError('request did not complete within the allotted timeout', 0));
        }, milliseconds);
        next(context).then(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
      deadline.clear();
    }
  };
}
