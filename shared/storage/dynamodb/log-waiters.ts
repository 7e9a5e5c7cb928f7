/** Waiters for the growth of a resource's log, and the polling that lasts as long as there are any. */

import type { Clock } from '../../util/clock.ts';
import { SparseMap } from '../../util/sparse-map.ts';
import type { StorageError } from '../errors.ts';
import type { LogHints } from './log-hints.ts';
import { PollSchedule } from './poll-schedule.ts';
import type { Protocol } from './protocol.ts';
import { storageError } from './retry.ts';

export interface LogWaitersOptions {
  readonly clock: Clock;
  readonly protocol: Protocol;
  readonly hints?: LogHints | undefined;
  /** The revision up to which everything is known. */
  readonly position: () => number;
  /** Polls once; returns whether there was anything new. */
  readonly poll: () => Promise<boolean>;
}

/** A waiter: called at most once, unless it is removed before. */
export interface Waiter {
  /** There may be something new, or its time is over. */
  wake(): void;
  /** Polling failed. */
  fail(error: StorageError): void;
}

/** Number of waiters woken in one turn; their output is sent before the next are woken. */
const WAKE_BATCH = 200;

export class LogWaiters {
  readonly #options: LogWaitersOptions;
  /** Each with the moment until which it waits. */
  readonly #waiters = new SparseMap<Waiter, number>();
  /** Waiters still to be woken. */
  #toWake: Waiter[] = [];
  readonly #schedule: PollSchedule;
  #polling = false;
  #interrupted = new AbortController();
  #closed = false;

  constructor(options: LogWaitersOptions) {
    this.#options = options;
    const { clock, protocol, hints } = options;
    this.#schedule = new PollSchedule({
      now: () => clock.monotonic(),
      protocol,
      isHinted: hints?.listen !== undefined,
    });
  }

  get size(): number {
    return this.#waiters.size + this.#toWake.length;
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
    this.#wakeWhere(() => true);
  }

  #wakeWhere(isDue: (until: number) => boolean): void {
    const isWaking = this.#toWake.length > 0;
    for (const [waiter, until] of this.#waiters.entries()) {
      if (!isDue(until)) continue;
      this.#waiters.delete(waiter);
      this.#toWake.push(waiter);
    }
    // Deferred, because the caller has more to do with the change first.
    if (!isWaking && this.#toWake.length > 0) queueMicrotask(() => this.#wakeSome());
  }

  #wakeSome(): void {
    for (const waiter of this.#toWake.splice(0, WAKE_BATCH)) waiter.wake();
    if (this.#toWake.length > 0) setImmediate(() => this.#wakeSome());
  }

  /** Revisions up to this one are this process's own and so known: no hints are expected for them. */
  recordKnown(revision: number): void {
    this.#schedule.recordKnown(revision);
  }

  /** There may be something new: poll now. */
  interrupt(): void {
    this.#interrupted.abort();
  }

  close(): void {
    this.#closed = true;
    this.wake();
    this.interrupt();
  }

  async #poll(): Promise<void> {
    const { clock, protocol, hints, position, poll } = this.#options;
    this.#polling = true;
    this.#schedule.begin(position());
    const stopListening = hints?.listen?.((revision) => {
      if (this.#schedule.onHint(revision, position())) this.#interrupted.abort();
    });
    for (;;) {
      // Also wakes up between polls, since waiters whose time is over must be told.
      await clock.sleep(Math.min(this.#schedule.delayMs, protocol.pollIdleMs), this.#interrupted.signal);
      if (this.#interrupted.signal.aborted) {
        this.#interrupted = new AbortController();
        this.#schedule.pollNow();
      }
      if (this.#closed || this.size === 0) break;
      if (this.#schedule.delayMs === 0) {
        try {
          this.#schedule.recordPoll(await poll(), position());
        } catch (error) {
          this.#fail(storageError(error));
          break;
        }
      }
      const now = clock.monotonic();
      this.#wakeWhere((until) => until <= now);
    }
    stopListening?.();
    this.#polling = false;
  }

  #fail(error: StorageError): void {
    const waiters = [...this.#waiters.keys()];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.fail(error);
  }
}
