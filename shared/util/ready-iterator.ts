/** A value or the end of the iteration; undefined if nothing is available yet. */
export type Taken<T> = IteratorResult<T, undefined> | undefined;

export const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/**
 * An async iterator whose values can be taken without a promise as soon as they are available: with thousands of
 * watchers on a stream, every event passes through several iterators for each of them. For a single consumer, which
 * either takes or iterates.
 */
export abstract class ReadyIterator<T> implements AsyncIterableIterator<T, undefined> {
  #outcome: (() => Taken<T>) | undefined;
  #isAwaiting = false;
  #ready: (() => void) | undefined;

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Throws the iteration's error. If it returns undefined, `whenReady` notifies when more may be available. */
  take(): Taken<T> {
    const outcome = this.#outcome;
    if (outcome === undefined) return this.#isAwaiting ? undefined : this.takeNow();
    this.#outcome = undefined;
    return outcome();
  }

  /** Calls `ready` once, when it is worth calling `take` again. Call it directly after `take` returned undefined. */
  whenReady(ready: () => void): void {
    if (this.#outcome === undefined) this.#ready = ready;
    else ready();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const taken = this.take();
      if (taken !== undefined) return taken;
      await new Promise<void>((resolve) => this.whenReady(resolve));
    }
  }

  /** Ends the iteration: the consumer needs no more values. */
  abstract return(): Promise<IteratorReturnResult<undefined>>;

  /** Implements `take`. An implementation that returns undefined calls `becomeReady` later, or has called `await`. */
  protected abstract takeNow(): Taken<T>;

  protected becomeReady(): void {
    const ready = this.#ready;
    this.#ready = undefined;
    ready?.();
  }

  /** Makes nothing available until `promise` settles; its outcome is then taken. */
  protected await(promise: Promise<Taken<T>>): undefined {
    this.#isAwaiting = true;
    const settle = (outcome: () => Taken<T>): void => {
      this.#isAwaiting = false;
      this.#outcome = outcome;
      this.becomeReady();
    };
    promise.then(
      (taken) => settle(() => taken ?? this.takeNow()),
      (error) =>
        settle(() => {
          throw error;
        }),
    );
  }
}

/** Adapts any async iterable; one that is not a `ReadyIterator` is consumed through promises. */
export function readyIterator<T>(source: AsyncIterable<T>): ReadyIterator<T> {
  const iterator = source[Symbol.asyncIterator]();
  return iterator instanceof ReadyIterator ? iterator : new AskedIterator(iterator);
}

class AskedIterator<T> extends ReadyIterator<T> {
  readonly #source: AsyncIterator<T>;

  constructor(source: AsyncIterator<T>) {
    super();
    this.#source = source;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#source.return?.();
    return END;
  }

  protected takeNow(): Taken<T> {
    return this.await(this.#source.next());
  }
}
