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

/** Somebody who waits: called once, unless it leaves before. */
export interface Waiter {
  /** There may be something new, or its time is over. */
  wake(): void;
  /** Polling failed. */
  fail(error: StorageError): void;
}

/** So many are woken in one go; what they send leaves before the next are. */
const WOKEN_AT_ONCE = 200;

export class LogWaiters {
  readonly #options: LogWaitersOptions;
  /** Each with the moment until which it waits. */
  readonly #waiters = new Map<Waiter, number>();
  /** Those to be woken, in turns. */
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

  /** For about `ms`, or until woken; false: there is nothing to wait for. */
  wait(waiter: Waiter, ms: number): boolean {
    if (this.#closed) return false;
    this.#waiters.set(waiter, this.#options.clock.monotonic() + ms);
    if (!this.#polling) void this.#poll();
    return true;
  }

  /** Waits no more. */
  leave(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }

  /** There is something new. */
  wake(): void {
    this.#wakeThose(() => true);
  }

  #wakeThose(isDue: (until: number) => boolean): void {
    const isUnderWay = this.#woken.length > 0;
    for (const [waiter, until] of this.#waiters) {
      if (!isDue(until)) continue;
      this.#waiters.delete(waiter);
      this.#woken.push(waiter);
    }
    // Not now: who tells of something new has more to do with it.
    if (!isUnderWay && this.#woken.length > 0) queueMicrotask(() => this.#wakeSome());
  }

  #wakeSome(): void {
    for (const waiter of this.#woken.splice(0, WOKEN_AT_ONCE)) waiter.wake();
    if (this.#woken.length > 0) setImmediate(() => this.#wakeSome());
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
      // Who has waited long enough is told so, whether or not it is time for a look.
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
