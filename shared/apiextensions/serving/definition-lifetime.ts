/** For how long a compiled definition holds. What outlives a request, watches, must not outlive it. */

/** How often a definition is looked at while watches run on it, and nothing else asks. */
const CHECK_MS = 10_000;
/** Watches of a definition that is gone are still told of their last objects. */
const FAREWELL_MS = 1_000;

export class DefinitionLifetime {
  readonly #ended = new AbortController();
  readonly #check: () => Promise<unknown>;
  #holders = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `check` finds out whether the definition is what it was, and ends its lifetime if it isn't. */
  constructor(check: () => Promise<unknown>) {
    this.#check = check;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** The definition has changed: who comes next finds another. */
  end(): void {
    clearInterval(this.#timer);
    this.#ended.abort();
  }

  endSoon(): void {
    setTimeout(() => this.end(), FAREWELL_MS).unref();
  }

  /** Looks after the definition until the returned function is called. */
  hold(): () => void {
    if (this.#holders++ === 0 && !this.signal.aborted) {
      // A check that fails is made up for by the next.
      this.#timer = setInterval(() => this.#check().catch(() => undefined), CHECK_MS);
      this.#timer.unref();
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holders === 0) clearInterval(this.#timer);
    };
  }
}
