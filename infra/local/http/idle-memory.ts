/**
 * Gives back what large answers took. V8 looks for garbage when something is allocated, and a server that nobody asks for
 * anything allocates nothing: an answer of hundreds of megabytes would stay for as long as that lasts.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ApiHandler } from '../../../shared/request/api-request.ts';
import { type Clock, systemClock } from '../../../shared/util/clock.ts';

export interface IdleMemoryOptions {
  readonly clock?: Pick<Clock, 'sleep'> | undefined;
  /** Collects all garbage, and holds the event loop meanwhile. */
  readonly collect?: (() => void) | undefined;
}

/** Smaller answers leave little behind. */
export const LARGE_ANSWER = 16 * 1024 * 1024;
/** Milliseconds without a request after which nobody is expected to wait. */
export const QUIET_MS = 5_000;

export class IdleMemory {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #collect: () => void;
  readonly #closed = new AbortController();
  #underWay = 0;
  /** No request has begun, or ended, for as long as somebody waits for quiet. */
  #isQuiet = true;
  #isWaiting = false;

  constructor({ clock = systemClock, collect = collectGarbage }: IdleMemoryOptions = {}) {
    this.#clock = clock;
    this.#collect = collect;
  }

  /** The handler; its large answers are noticed. */
  watched(handler: ApiHandler): ApiHandler {
    return async (request) => {
      this.#isQuiet = false;
      this.#underWay++;
      try {
        const answer = await handler(request);
        if (answer.body instanceof Uint8Array && answer.body.byteLength >= LARGE_ANSWER) void this.#release();
        return answer;
      } finally {
        this.#isQuiet = false;
        this.#underWay--;
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
    } while ((!this.#isQuiet || this.#underWay > 0) && !this.#closed.signal.aborted);
    this.#isWaiting = false;
    if (!this.#closed.signal.aborted) this.#collect();
  }
}

/** V8's own, which it hands out where it is asked to. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
}
