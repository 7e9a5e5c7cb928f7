/** Shares work among callers of whom each needs it to begin after its own call. */
export class ReadBarrier {
  readonly #work: () => Promise<void>;
  #current: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves after a run that began after this call: the next one, where one is under way. */
  pass(): Promise<void> {
    this.#next ??= this.#run();
    return this.#next;
  }

  async #run(): Promise<void> {
    // Also lets those in that call in the same breath.
    await this.#current?.catch(() => {});
    const run = this.#next;
    this.#current = run;
    this.#next = undefined;
    try {
      await this.#work();
    } finally {
      if (this.#current === run) this.#current = undefined;
    }
  }
}
