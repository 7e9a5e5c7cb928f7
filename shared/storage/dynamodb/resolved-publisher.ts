/** Tells the head now and then up to where all is decided and visible, so that a newcomer reads little. */

import type { ResourceContext } from './layout.ts';
import type { Sequencer } from './sequencer.ts';
import type { LogPoint } from './sightings.ts';

export class ResolvedPublisher<T> {
  readonly #context: ResourceContext<T>;
  readonly #sequencer: Sequencer<T>;
  #published = 0;

  constructor(context: ResourceContext<T>, sequencer: Sequencer<T>) {
    this.#context = context;
    this.#sequencer = sequencer;
  }

  /** The head says so much already. */
  reset(published: number): void {
    this.#published = published;
  }

  /** It says so much by now. */
  heard(published: number): void {
    this.#published = Math.max(this.#published, published);
  }

  /** Writes the point to the head, unless that says almost as much. Rejects with StorageError. */
  async publish({ position, bound }: LogPoint): Promise<void> {
    const before = this.#published;
    const { config, heads, protocol } = this.#context;
    // Who reads heads together goes by it.
    const step = heads.standsWithOthers(config.resourcePrefix) ? 1 : protocol.resolvedStep;
    if (position - before < step) return;
    this.#published = position;
    try {
      await this.#sequencer.raiseResolved(position, bound);
    } catch (error) {
      this.#published = Math.min(this.#published, before);
      throw error;
    }
  }
}
