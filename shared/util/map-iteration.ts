import { END, ReadyIterator, readyIterator, type Taken } from './ready-iterator.ts';

/** Handlers for the end of an iteration. */
export interface IterationEnd<B> {
  /** Maps an error to a last value, or throws another error. Default: the error itself is thrown. */
  readonly recover?: ((error: unknown) => B) | undefined;
  /** Called once, when the source ends or the consumer stops. */
  readonly onEnd?: (() => void) | undefined;
}

/**
 * Maps each value of `source`, as an async generator with a loop would, but without a promise where a value is
 * available.
 */
export function mapIteration<A, B>(
  source: AsyncIterable<A>,
  map: (value: A) => B | Promise<B>,
  end: IterationEnd<B> = {},
): ReadyIterator<B> {
  return new MappedIteration(readyIterator(source), map, end);
}

class MappedIteration<A, B> extends ReadyIterator<B> {
  readonly #source: ReadyIterator<A>;
  readonly #map: (value: A) => B | Promise<B>;
  readonly #end: IterationEnd<B>;
  #ended = false;
  /** The source has no value available. */
  #isEmpty = false;

  constructor(source: ReadyIterator<A>, map: (value: A) => B | Promise<B>, end: IterationEnd<B>) {
    super();
    this.#source = source;
    this.#map = map;
    this.#end = end;
  }

  override whenReady(ready: () => void): void {
    if (this.#isEmpty) this.#source.whenReady(ready);
    else super.whenReady(ready);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#leave();
    return END;
  }

  protected takeNow(): Taken<B> {
    if (this.#ended) return END;
    this.#isEmpty = false;
    let taken: Taken<A>;
    try {
      taken = this.#source.take();
    } catch (error) {
      return this.#fail(error);
    }
    if (taken === undefined) {
      this.#isEmpty = true;
      return undefined;
    }
    if (taken.done) {
      this.#finish();
      return END;
    }
    try {
      const value = this.#map(taken.value);
      if (!(value instanceof Promise)) return { done: false, value };
      return this.await(value.then((value) => ({ done: false, value }), this.#leaveAfter));
    } catch (error) {
      return this.await(this.#leaveAfter(error));
    }
  }

  /** `map` failed: the source is no longer consumed. */
  readonly #leaveAfter = async (error: unknown): Promise<Taken<B>> => {
    await this.#leave();
    return this.#fail(error);
  };

  #fail(error: unknown): Taken<B> {
    this.#finish();
    const { recover } = this.#end;
    if (recover === undefined) throw error;
    return { done: false, value: recover(error) };
  }

  async #leave(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    try {
      await this.#source.return();
    } finally {
      this.#end.onEnd?.();
    }
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#end.onEnd?.();
  }
}
