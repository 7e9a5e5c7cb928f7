/** Publishes `resolved` in the head now and then, so that a new process has little to read. */

import type { ResourceContext } from './layout.ts';
import type { Sequencer } from './sequencer.ts';
import type { LogPoint } from './visibility-tracker.ts';

export class ResolvedPublisher<T> {
  readonly #context: ResourceContext<T>;
  readonly #sequencer: Sequencer<T>;
  #published = 0;

  constructor(context: ResourceContext<T>, sequencer: Sequencer<T>) {
    this.#context = context;
    this.#sequencer = sequencer;
  }

  /** Sets the value that the head has. */
  reset(published: number): void {
    this.#published = published;
  }

  /** Raises the value that the head is known to have. */
  observe(published: number): void {
    this.#published = Math.max(this.#published, published);
  }

  /** Writes the point to the head, unless that is almost as far. Rejects with StorageError. */
  async publish({ position, bound }: LogPoint): Promise<void> {
    const before = this.#published;
    const { config, heads, protocol } = this.#context;
    // Readers of the shared heads rely on it.
    const step = heads.isShared(config.resourcePrefix) ? 1 : protocol.resolvedStep;
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
