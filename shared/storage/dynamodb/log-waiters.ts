/** Who waits for a resource's log to grow, and the polling that goes on for as long as anybody does. */

import type { Clock } from '../../util/clock.ts';
import type { StorageError } from '../errors.ts';
import type { LogHints } from './log-hints.ts';
import { LookPace } from './look-pace.ts';
import type { Protocol } from './protocol.ts';
import { storageError } from './retry.ts';

export interface LogWaitersOptions {
  readonly clock: Clock;
  readonly protocol: Protocol;
  readonly hints?: LogHints | undefined;
  /** The revision up to which everything is known. */
  readonly position: () => number;
  /** Looks for what is new; returns whether there was anything. */
  readonly look: () => Promise<boolean>;
}

/** Somebody who waits. */
export interface Wait {
  /** Resolves when woken or ended; rejects when polling fails. */
  readonly over: Promise<void>;
  end(): void;
}

interface Waiter {
  readonly until: number;
  readonly resolve: () => void;
  readonly reject: (error: StorageError) => void;
}

/** So many are woken in one go; what they send leaves before the next are. */
const WOKEN_AT_ONCE = 200;

export class LogWaiters {
  readonly #options: LogWaitersOptions;
  readonly #waiters = new Set<Waiter>();
  readonly #pace: LookPace;
  #polling = false;
  #hurry = new AbortController();
  #closed = false;

  constructor(options: LogWaitersOptions) {
    this.#options = options;
    const { clock, protocol, hints } = options;
    this.#pace = new LookPace({
      now: () => clock.monotonic(),
      protocol,
      isHinted: hints?.listen !== undefined,
    });
  }

  get size(): number {
    return this.#waiters.size;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** For about `ms`, or until woken; undefined: there is nothing to wait for. */
  wait(ms: number): Wait | undefined {
    if (this.#closed) return undefined;
    const until = this.#options.clock.monotonic() + ms;
    let end = (): void => {};
    const over = new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        until,
        resolve: () => {
          this.#waiters.delete(waiter);
          resolve();
        },
        reject: (error) => {
          this.#waiters.delete(waiter);
          reject(error);
        },
      };
      end = waiter.resolve;
      this.#waiters.add(waiter);
    });
    if (!this.#polling) void this.#poll();
    return { over, end };
  }

  /** There is something new. */
  wake(): void {
    if (this.#waiters.size <= WOKEN_AT_ONCE) for (const waiter of this.#waiters) waiter.resolve();
    else wakeInTurns([...this.#waiters]);
  }

  /** Revisions up to this one are this process's own, or were: nobody tells it of them. */
  knows(revision: number): void {
    this.#pace.knows(revision);
  }

  /** There may be something new: the next look is now. */
  hurry(): void {
    this.#hurry.abort();
  }

  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters) waiter.resolve();
    this.hurry();
  }

  async #poll(): Promise<void> {
    const { clock, protocol, hints, position, look } = this.#options;
    this.#polling = true;
    this.#pace.begin(position());
    const deaf = hints?.listen?.((revision) => {
      if (this.#pace.hear(revision, position())) this.#hurry.abort();
    });
    for (;;) {
      // Who has waited long enough is told so, whether or not it is time for a look.
      await clock.sleep(Math.min(this.#pace.inMs, protocol.pollIdleMs), this.#hurry.signal);
      if (this.#hurry.signal.aborted) {
        this.#hurry = new AbortController();
        this.#pace.hurry();
      }
      if (this.#closed || this.#waiters.size === 0) break;
      if (this.#pace.inMs === 0) {
        try {
          this.#pace.looked(await look(), position());
        } catch (error) {
          for (const waiter of this.#waiters) waiter.reject(storageError(error));
          break;
        }
      }
      const now = clock.monotonic();
      for (const waiter of this.#waiters) if (waiter.until <= now) waiter.resolve();
    }
    deaf?.();
    this.#polling = false;
  }
}

function wakeInTurns(waiters: readonly Waiter[]): void {
  for (const waiter of waiters.slice(0, WOKEN_AT_ONCE)) waiter.resolve();
  const rest = waiters.slice(WOKEN_AT_ONCE);
  if (rest.length > 0) setImmediate(() => wakeInTurns(rest));
}
