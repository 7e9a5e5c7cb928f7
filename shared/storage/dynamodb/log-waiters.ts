/** Who waits for a resource's log to grow, and the polling that goes on for as long as anybody does. */

import type { StorageError } from '../errors.ts';
import type { Clock } from './clock.ts';
import type { Protocol } from './protocol.ts';
import { storageError } from './retry.ts';

export interface LogWaitersOptions {
  readonly clock: Clock;
  readonly protocol: Protocol;
  /** Looks for what is new; returns whether there was anything. */
  readonly look: () => Promise<boolean>;
}

interface Waiter {
  readonly until: number;
  readonly resolve: () => void;
  readonly reject: (error: StorageError) => void;
}

export class LogWaiters {
  readonly #options: LogWaitersOptions;
  readonly #waiters = new Set<Waiter>();
  #polling = false;
  #hurry = new AbortController();
  #closed = false;

  constructor(options: LogWaitersOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiters.size;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when woken, or after about `ms`, or when `signal` aborts. Rejects when polling fails. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#closed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', waiter.resolve);
        settle();
      };
      const waiter: Waiter = {
        until: this.#options.clock.monotonic() + ms,
        resolve: () => end(resolve),
        reject: (error) => end(() => reject(error)),
      };
      signal.addEventListener('abort', waiter.resolve);
      this.#waiters.add(waiter);
      if (!this.#polling) void this.#poll();
    });
  }

  /** There is something new. */
  wake(): void {
    for (const waiter of this.#waiters) waiter.resolve();
  }

  /** There may be something new: the next look is now. */
  hurry(): void {
    this.#hurry.abort();
  }

  close(): void {
    this.#closed = true;
    this.wake();
    this.hurry();
  }

  async #poll(): Promise<void> {
    const { clock, protocol, look } = this.#options;
    this.#polling = true;
    for (let pause = protocol.pollBusyMs; ; ) {
      await clock.sleep(pause, this.#hurry.signal);
      if (this.#hurry.signal.aborted) this.#hurry = new AbortController();
      if (this.#closed || this.#waiters.size === 0) break;
      try {
        pause = (await look()) ? protocol.pollBusyMs : Math.min(pause * 1.5, protocol.pollIdleMs);
      } catch (error) {
        for (const waiter of this.#waiters) waiter.reject(storageError(error));
        break;
      }
      const now = clock.monotonic();
      for (const waiter of this.#waiters) if (waiter.until <= now) waiter.resolve();
    }
    this.#polling = false;
  }
}
