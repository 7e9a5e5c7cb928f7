/** For how long a compiled definition holds. What outlives a request, watches, must not outlive it. */

import type { DefinitionFollower } from './definition-follower.ts';

/** Watches of a definition that is gone are still told of their last objects. */
const FAREWELL_MS = 1_000;

export class DefinitionLifetime {
  readonly #ended = new AbortController();
  readonly #follower: DefinitionFollower;

  constructor(follower: DefinitionFollower) {
    this.#follower = follower;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** The definition has changed: who comes next finds another. */
  end(): void {
    this.#ended.abort();
  }

  endSoon(): void {
    setTimeout(() => this.end(), FAREWELL_MS).unref();
  }

  /** Looks after the definition until the returned function is called. */
  hold(): () => void {
    return this.#follower.hold();
  }
}
