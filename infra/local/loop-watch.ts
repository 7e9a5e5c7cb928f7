/** Detects when the event loop is blocked, which delays all requests, and reports the requests in flight. */

import type { ApiHandler } from '../../shared/request/api-request.ts';

export interface Hold {
  readonly milliseconds: number;
  /** `GET /api/v1/pods`, oldest first. */
  readonly requests: readonly string[];
}

export interface LoopWatchOptions {
  /** Called after a block. */
  readonly onHold: (hold: Hold) => void;
  /** Minimum milliseconds of a block. */
  readonly holdMs?: number;
}

const HOLD_MS = 500;
const CHECK_MS = 100;
const MAX_SHOWN = 5;

export class LoopWatch {
  readonly #options: LoopWatchOptions;
  readonly #inFlight = new Set<string[]>();
  /** Since the last check. */
  #ended: string[][] = [];
  #checkedAt = performance.now();
  #usage = process.cpuUsage();
  readonly #timer: NodeJS.Timeout;

  constructor(options: LoopWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
    this.#timer.unref();
  }

  /** Wraps the handler to track its requests. */
  watched(handler: ApiHandler): ApiHandler {
    return async (request) => {
      // A distinct value per request, since the same path may be requested twice.
      const entry = [`${request.method} ${request.path}`];
      this.#inFlight.add(entry);
      try {
        return await handler(request);
      } finally {
        this.#inFlight.delete(entry);
        this.#ended.push(entry);
      }
    };
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#usage);
    // Counts only this process's own processor time: on a busy machine everything takes longer.
    const milliseconds = Math.min(now - this.#checkedAt - CHECK_MS, (user + system) / 1000);
    if (milliseconds > (this.#options.holdMs ?? HOLD_MS)) {
      const entries = [...this.#ended, ...this.#inFlight].flat();
      const more = entries.length - MAX_SHOWN;
      const requests = entries.slice(0, MAX_SHOWN);
      if (more > 0) requests.push(`and ${more} more`);
      this.#options.onHold({ milliseconds: Math.round(milliseconds), requests });
    }
    this.#checkedAt = now;
    this.#usage = process.cpuUsage();
    this.#ended = [];
  }
}
