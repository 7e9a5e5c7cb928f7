/** Tells when something happens more than so often in so many milliseconds. */
export class Rate {
  readonly #limit: number;
  readonly #lastingMs: number;
  readonly #times: number[] = [];

  constructor(limit: number, lastingMs: number) {
    this.#limit = limit;
    this.#lastingMs = lastingMs;
  }

  /** It happened. */
  isExceededBy(now: number): boolean {
    this.#times.push(now);
    if (this.#times.length <= this.#limit) return false;
    return this.#times.shift()! > now - this.#lastingMs;
  }
}
