import type { Clock } from './clock.ts';

/** Tracks how long states have been unchanged, by this process's own clock, independent of other processes' clocks. */
export class LastChanges {
  readonly #clock: Clock;
  readonly #seen = new Map<string, { readonly state: string | number; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since `key` was first seen in this state. */
  age(key: string, state: string | number): number {
    const now = this.#clock.monotonic();
    const seen = this.#seen.get(key);
    if (seen?.state === state) return now - seen.at;
    this.#seen.set(key, { state, at: now });
    return 0;
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}
