/** The lifetime of a compiled definition. Watches, which outlive their request, must end with it. */

import type { DefinitionFollower } from './definition-follower.ts';

/** Gives watches of a deleted definition time to send the last events. */
const DRAIN_MS = 1_000;

export class DefinitionLifetime {
  readonly #ended = new AbortController();
  readonly #follower: DefinitionFollower;

  constructor(follower: DefinitionFollower) {
    this.#follower = follower;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Ends the watches, because the definition has changed and later requests use another one. */
  end(): void {
    this.#ended.abort();
  }

  endSoon(): void {
    setTimeout(() => this.end(), DRAIN_MS).unref();
  }

  /** Follows changes of the definition until the returned function is called. */
  hold(): () => void {
    return this.#follower.hold();
  }
}
