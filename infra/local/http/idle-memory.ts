/**
 * Frees the memory of large responses. V8 collects garbage only on allocations, and an idle server doesn't allocate:
 * hundreds of megabytes of a response would stay in memory while it is idle.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ApiHandler } from '../../../shared/request/api-request.ts';
import { type Clock, systemClock } from '../../../shared/util/clock.ts';

export interface IdleMemoryOptions {
  readonly clock?: Pick<Clock, 'sleep'> | undefined;
  /** Collects all garbage, blocking the event loop. */
  readonly collect?: (() => void) | undefined;
}

/** Smaller responses leave little garbage. */
export const LARGE_ANSWER = 16 * 1024 * 1024;
/** Milliseconds without a request after which the server counts as idle. */
export const QUIET_MS = 5_000;

export class IdleMemory {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #collect: () => void;
  readonly #closed = new AbortController();
  #inFlight = 0;
  /** No request has begun or ended since the current wait started. */
  #isQuiet = true;
  #isWaiting = false;

  constructor({ clock = systemClock, collect = collectGarbage }: IdleMemoryOptions = {}) {
    this.#clock = clock;
    this.#collect = collect;
  }

  /** Wraps the handler to track large responses. */
  watched(handler: ApiHandler): ApiHandler {
    return async (request) => {
      this.#isQuiet = false;
      this.#inFlight++;
      try {
        const answer = await handler(request);
        if (answer.body instanceof Uint8Array && answer.body.byteLength >= LARGE_ANSWER) void this.#release();
        return answer;
      } finally {
        this.#isQuiet = false;
        this.#inFlight--;
      }
    };
  }

  close(): void {
    this.#closed.abort();
  }

  async #release(): Promise<void> {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    do {
      this.#isQuiet = true;
      await this.#clock.sleep(QUIET_MS, this.#closed.signal);
    } while ((!this.#isQuiet || this.#inFlight > 0) && !this.#closed.signal.aborted);
    this.#isWaiting = false;
    if (!this.#closed.signal.aborted) this.#collect();
  }
}

/** V8's own function, exposed at run time. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
}
