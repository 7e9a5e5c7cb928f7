/** Runs work of the same key in order of arrival, one at a time. */
export class KeyedTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Settles as `work` does. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const ended = turn.catch(() => undefined);
    this.#last.set(key, ended);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    }
  }
}
