/** Shares work among callers that each need it to start after their own call. */
export class ReadBarrier {
  readonly #work: () => Promise<void>;
  #current: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves after a run that started after this call: the next one, if one is in flight. */
  pass(): Promise<void> {
    this.#next ??= this.#run();
    return this.#next;
  }

  async #run(): Promise<void> {
    // Also includes callers of the same turn of the event loop.
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
