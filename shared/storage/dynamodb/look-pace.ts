/**
 * When a log that somebody waits for is looked at next: soon after there was something new, then less and less often.
 * Where others leave hints of what they write, hardly ever, for as long as hints have told of everything.
 */

import type { Protocol } from './protocol.ts';

export interface LookPaceOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly protocol: Protocol;
  /** Whether hints are heard. */
  readonly isHinted: boolean;
}

export class LookPace {
  readonly #options: LookPaceOptions;
  #pause: number;
  #lookAt: number;
  /** The highest revision that this process knew of without a look at the log, and when it last heard of one to come. */
  #known = 0;
  #knownAt = Number.NEGATIVE_INFINITY;
  /** Up to where the log was known at the last look, and when that had last moved. */
  #seen = 0;
  #foundAt = Number.NEGATIVE_INFINITY;
  /** Something came of which there was no hint: until then the log is looked at as if there were none. */
  #unhintedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: LookPaceOptions) {
    this.#options = options;
    this.#pause = options.protocol.pollBusyMs;
    this.#lookAt = options.now();
  }

  /** Milliseconds until the next look. */
  get inMs(): number {
    return Math.max(0, this.#lookAt - this.#options.now());
  }

  /** Somebody begins to wait, who has seen everything up to `position`. */
  begin(position: number): void {
    this.#seen = position;
    this.knows(position);
    this.#pause = this.#options.protocol.pollBusyMs;
    this.#lookAt = this.#options.now() + this.#pause;
  }

  /** Revisions up to this one are known without a look. */
  knows(revision: number): void {
    this.#known = Math.max(this.#known, revision);
  }

  /** A hint came; undefined: some may have been missed. Whether the log is to be looked at now. */
  hear(revision: number | undefined, position: number): boolean {
    if (revision !== undefined) {
      this.knows(revision);
      if (revision <= position) return false;
      this.#knownAt = this.#options.now();
    }
    this.#pause = this.#options.protocol.pollBusyMs;
    return true;
  }

  /** The next look is now. */
  hurry(): void {
    this.#lookAt = this.#options.now();
  }

  /** After a look, which may have found something new. */
  looked(isNew: boolean, position: number): void {
    const { now, protocol } = this.#options;
    const moment = now();
    // Others in this process read the log, too.
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
    // What there is word of comes soon, or its writer has died.
    if (position < this.#known) return moment - this.#knownAt > protocol.maxHoldMs;
    if (position === this.#known) return true;
    if (moment - this.#foundAt < protocol.hintLateMs) return false;
    this.#unhintedUntil = moment + protocol.unhintedMs;
    this.knows(position);
    return false;
  }
}
