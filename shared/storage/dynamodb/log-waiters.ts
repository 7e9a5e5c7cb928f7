/** Waiters for the growth of a resource's log, and the polling that lasts as long as there are any. */

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
  /** Polls once; returns whether there was anything new. */
  readonly look: () => Promise<boolean>;
}

/** A waiter: called at most once, unless it is removed before. */
export interface Waiter {
  /** There may be something new, or its time is over. */
  wake(): void;
  /** Polling failed. */
  fail(error: StorageError): void;
}

/** Number of waiters woken in one turn; their output is sent before the next are woken. */
const WOKEN_AT_ONCE = 200;

export class LogWaiters {
  readonly #options: LogWaitersOptions;
  /** Each with the moment until which it waits. */
  readonly #waiters = new Map<Waiter, number>();
  /** Waiters still to be woken. */
  #woken: Waiter[] = [];
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
    return this.#waiters.size + this.#woken.length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Waits for about `ms`, or until woken; false: the log is closed. */
  wait(waiter: Waiter, ms: number): boolean {
    if (this.#closed) return false;
    this.#waiters.set(waiter, this.#options.clock.monotonic() + ms);
    if (!this.#polling) void this.#poll();
    return true;
  }

  /** Removes a waiter. */
  leave(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }

  /** Wakes all waiters: there is something new. */
  wake(): void {
    this.#wakeThose(() => true);
  }

  #wakeThose(isDue: (until: number) => boolean): void {
    const isWaking = this.#woken.length > 0;
    for (const [waiter, until] of this.#waiters) {
      if (!isDue(until)) continue;
      this.#waiters.delete(waiter);
      this.#woken.push(waiter);
    }
    // Deferred, because the caller has more to do with the change first.
    if (!isWaking && this.#woken.length > 0) queueMicrotask(() => this.#wakeSome());
  }

  #wakeSome(): void {
    for (const waiter of this.#woken.splice(0, WOKEN_AT_ONCE)) waiter.wake();
    if (this.#woken.length > 0) setImmediate(() => this.#wakeSome());
  }

  /** Revisions up to this one are this process's own and so known: no hints are expected for them. */
  knows(revision: number): void {
    this.#pace.knows(revision);
  }

  /** There may be something new: poll now. */
  hurry(): void {
    this.#hurry.abort();
  }

  close(): void {
    this.#closed = true;
    this.wake();
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
      // Also wakes up between polls, since waiters whose time is over must be told.
      await clock.sleep(Math.min(this.#pace.inMs, protocol.pollIdleMs), this.#hurry.signal);
      if (this.#hurry.signal.aborted) {
        this.#hurry = new AbortController();
        this.#pace.hurry();
      }
      if (this.#closed || this.size === 0) break;
      if (this.#pace.inMs === 0) {
        try {
          this.#pace.looked(await look(), position());
        } catch (error) {
          this.#fail(storageError(error));
          break;
        }
      }
      const now = clock.monotonic();
      this.#wakeThose((until) => until <= now);
    }
    deaf?.();
    this.#polling = false;
  }

  #fail(error: StorageError): void {
    const waiters = [...this.#waiters.keys()];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.fail(error);
  }
}
