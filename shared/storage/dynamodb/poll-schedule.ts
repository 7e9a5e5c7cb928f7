/**
 * Schedules the polling of a log that has waiters: soon after a change, then less and less often. Where other processes
 * announce their writes by hints, rarely, as long as hints have announced everything: the pause is as long as the log
 * has been quiet, within bounds.
 */

import type { Protocol } from './protocol.ts';

export interface PollScheduleOptions {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly protocol: Protocol;
  /** Whether hints are received. */
  readonly isHinted: boolean;
}

export class PollSchedule {
  readonly #options: PollScheduleOptions;
  #pause: number;
  #nextPollAt: number;
  /** The highest revision that this process knew of without polling, and when it last heard of one to come. */
  #known = 0;
  #announcedAt = Number.NEGATIVE_INFINITY;
  /** The known position at the last poll, and when it had last moved. */
  #polledPosition = 0;
  #foundAt = Number.NEGATIVE_INFINITY;
  /** When the position last moved, or polling began. */
  #movedAt: number;
  /** Until then hints are not relied on, because a change came without one. */
  #unhintedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: PollScheduleOptions) {
    this.#options = options;
    this.#pause = options.protocol.pollBusyMs;
    this.#nextPollAt = options.now();
    this.#movedAt = this.#nextPollAt;
  }

  /** Milliseconds until the next poll. */
  get delayMs(): number {
    return Math.max(0, this.#nextPollAt - this.#options.now());
  }

  /** Starts polling for waiters that have seen everything up to `position`. */
  begin(position: number): void {
    this.#polledPosition = position;
    this.recordKnown(position);
    this.#pause = this.#options.protocol.pollBusyMs;
    this.#movedAt = this.#options.now();
    this.#nextPollAt = this.#movedAt + this.#pause;
  }

  /** Revisions up to this one are known without polling. */
  recordKnown(revision: number): void {
    this.#known = Math.max(this.#known, revision);
  }

  /** Processes a hint; undefined: some may have been missed. Returns whether to poll now. */
  onHint(revision: number | undefined, position: number): boolean {
    if (revision !== undefined) {
      this.recordKnown(revision);
      if (revision <= position) return false;
      this.#announcedAt = this.#options.now();
    }
    this.#pause = this.#options.protocol.pollBusyMs;
    return true;
  }

  /** Makes the next poll due now. */
  pollNow(): void {
    this.#nextPollAt = this.#options.now();
  }

  /** Records a poll, and whether it found anything new. */
  recordPoll(isNew: boolean, position: number): void {
    const { now, protocol } = this.#options;
    const time = now();
    // Other readers in this process may have moved it, too.
    if (position > this.#polledPosition) {
      this.#foundAt = time;
      this.#movedAt = time;
    }
    this.#polledPosition = position;
    this.#pause = isNew ? protocol.pollBusyMs : Math.min(this.#pause * 1.5, protocol.pollIdleMs);
    const isIdle = !isNew && this.#pause === protocol.pollIdleMs;
    const reliesOnHints = isIdle && this.#mayRelyOnHints(position, time);
    this.#nextPollAt = time + (reliesOnHints ? this.#hintedPauseAt(time) : this.#pause);
  }

  #hintedPauseAt(time: number): number {
    const { hintedBusyMs, hintedPauseMs } = this.#options.protocol;
    return Math.min(hintedPauseMs, Math.max(hintedBusyMs, time - this.#movedAt));
  }

  #mayRelyOnHints(position: number, time: number): boolean {
    const { protocol, isHinted } = this.#options;
    if (!isHinted || time < this.#unhintedUntil) return false;
    // An announced revision appears soon, unless its writer has died.
    if (position < this.#known) return time - this.#announcedAt > protocol.maxHoldMs;
    if (position === this.#known) return true;
    if (time - this.#foundAt < protocol.hintLateMs) return false;
    this.#unhintedUntil = time + protocol.unhintedMs;
    this.recordKnown(position);
    return false;
  }
}
