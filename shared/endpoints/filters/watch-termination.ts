import { mapIteration } from '../../util/map-iteration.ts';
import type { Filter } from '../routing/handler.ts';
import { isLongRunning } from '../routing/long-running.ts';

/** Ends the answers that last, when the server goes away: their clients begin anew elsewhere. */
export class WatchTermination {
  readonly #controllers = new Set<AbortController>();
  #terminated = false;

  readonly filter: Filter = async (context, next) => {
    if (!isLongRunning(context.requestInfo)) return next(context);
    const controller = new AbortController();
    const { signal } = context;
    const abort = (): void => controller.abort();
    const forget = (): void => {
      this.#controllers.delete(controller);
      signal.removeEventListener('abort', abort);
    };
    if (signal.aborted || this.#terminated) abort();
    signal.addEventListener('abort', abort, { once: true });
    this.#controllers.add(controller);
    context.narrowSignal(() => controller);
    try {
      const response = await next(context);
      if (!(response.body instanceof Uint8Array)) {
        return { ...response, body: whenEnded(response.body, forget) };
      }
      forget();
      return response;
    } catch (error) {
      forget();
      throw error;
    }
  };

  /** What has begun ends now, what begins later at once. */
  terminate(): void {
    this.#terminated = true;
    for (const controller of this.#controllers) controller.abort();
  }
}

/** The same bytes; `ended` is told how many, when the last has been taken or nobody wants more. */
export function whenEnded(
  body: AsyncIterable<Uint8Array>,
  ended: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  const count = (chunk: Uint8Array): Uint8Array => {
    bytes += chunk.byteLength;
    return chunk;
  };
  return mapIteration(body, count, { onEnd: () => ended(bytes) });
}
