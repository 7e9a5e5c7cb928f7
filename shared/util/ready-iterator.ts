/** What was taken: a value, the end, or undefined, for there is nothing yet. */
export type Taken<T> = IteratorResult<T, undefined> | undefined;

export const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/**
 * An async iterator whose values can be taken, without a promise, as soon as they are there: of a stream that thousands
 * follow, every event goes through several iterations for each of them. For one consumer, which either takes or
 * iterates.
 */
export abstract class ReadyIterator<T> implements AsyncIterableIterator<T, undefined> {
  #outcome: (() => Taken<T>) | undefined;
  #isAwaiting = false;
  #ready: (() => void) | undefined;

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Throws what the iteration throws. After undefined, `whenReady` tells when there may be more. */
  take(): Taken<T> {
    const outcome = this.#outcome;
    if (outcome === undefined) return this.#isAwaiting ? undefined : this.takeNow();
    this.#outcome = undefined;
    return outcome();
  }

  /** Calls `ready` once, when it is worth while to take again. To be called right after `take` gave undefined. */
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

  /** Nobody wants more. */
  abstract return(): Promise<IteratorReturnResult<undefined>>;

  /** As `take`; what gives undefined calls `becomeReady` or has called `await`. */
  protected abstract takeNow(): Taken<T>;

  protected becomeReady(): void {
    const ready = this.#ready;
    this.#ready = undefined;
    ready?.();
  }

  /** Nothing can be taken until `promise` is settled; then what it came to is. */
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

/** Of any iteration: one that is not of this kind is asked by promises. */
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
