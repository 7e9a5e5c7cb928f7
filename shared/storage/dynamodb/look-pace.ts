/**
 * Schedules the polling of a log that has waiters: soon after a change, then less and less often. Where other processes
 * announce their writes by hints, very rarely, as long as hints have announced everything.
 */

import type { Protocol } from './protocol.ts';

export interface LookPaceOptions {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly protocol: Protocol;
  /** Whether hints are received. */
  readonly isHinted: boolean;
}

export class LookPace {
  readonly #options: LookPaceOptions;
  #pause: number;
  #lookAt: number;
  /** The highest revision that this process knew of without polling, and when it last heard of one to come. */
  #known = 0;
  #knownAt = Number.NEGATIVE_INFINITY;
  /** The known position at the last poll, and when it had last moved. */
  #seen = 0;
  #foundAt = Number.NEGATIVE_INFINITY;
  /** Until then hints are not relied on, because a change came without one. */
  #unhintedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: LookPaceOptions) {
    this.#options = options;
    this.#pause = options.protocol.pollBusyMs;
    this.#lookAt = options.now();
  }

  /** Milliseconds until the next poll. */
  get inMs(): number {
    return Math.max(0, this.#lookAt - this.#options.now());
  }

  /** Starts polling for waiters that have seen everything up to `position`. */
  begin(position: number): void {
    this.#seen = position;
    this.knows(position);
    this.#pause = this.#options.protocol.pollBusyMs;
    this.#lookAt = this.#options.now() + this.#pause;
  }

  /** Revisions up to this one are known without polling. */
  knows(revision: number): void {
    this.#known = Math.max(this.#known, revision);
  }

  /** Processes a hint; undefined: some may have been missed. Returns whether to poll now. */
  hear(revision: number | undefined, position: number): boolean {
    if (revision !== undefined) {
      this.knows(revision);
      if (revision <= position) return false;
      this.#knownAt = this.#options.now();
    }
    this.#pause = this.#options.protocol.pollBusyMs;
    return true;
  }

  /** Makes the next poll due now. */
  hurry(): void {
    this.#lookAt = this.#options.now();
  }

  /** Records a poll, and whether it found anything new. */
  looked(isNew: boolean, position: number): void {
    const { now, protocol } = this.#options;
    const moment = now();
    // Other readers in this process may have moved it, too.
    if (position > this.#seen) this.#foundAt = moment;
    this.#seen = position;
    this.#pause = isNew ? protocol.pollBusyMs : Math.min(this.#pause * 1.5, protocol.pollIdleMs);
    const isIdle = !isNew && this.#pause === protocol.pollIdleMs;
    this.#lookAt =
      moment + (isIdle && this.#mayRest(position, moment) ? protocol.hintedPauseMs : this.#pause);
  }

  #mayRest(position: number, moment: number): boolean {
    const { protocol, isHinted } = this.#options;
    if (!isHinted || moment < this.#unhintedUntil) return false;
    // An announced revision appears soon, unless its writer has died.
    if (position < this.#known) return moment - this.#knownAt > protocol.maxHoldMs;
    if (position === this.#known) return true;
    if (moment - this.#foundAt < protocol.hintLateMs) return false;
    this.#unhintedUntil = moment + protocol.unhintedMs;
    this.knows(position);
    return false;
  }
}
