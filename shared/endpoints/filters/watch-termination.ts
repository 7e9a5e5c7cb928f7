import { mapIteration } from '../../util/map-iteration.ts';
import type { Filter } from '../routing/handler.ts';
import { isLongRunning } from '../routing/long-running.ts';

/** Ends long-running answers when the server shuts down, so that clients reconnect elsewhere. */
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

  /** Ends all long-running answers, and from now on every new one immediately. */
  terminate(): void {
    this.#terminated = true;
    for (const controller of this.#controllers) controller.abort();
  }
}

/** The same bytes; calls `ended` with their number when the body is exhausted or the consumer stops early. */
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
