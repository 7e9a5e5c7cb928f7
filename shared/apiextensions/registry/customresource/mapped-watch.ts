import type { StoredObject, Watch, WatchEvent } from '../../../storage/storage.ts';

/** A watch whose objects are shown in another form. */
export class MappedWatch<T> implements Watch<T> {
  readonly #watch: Watch<T>;
  readonly #map: (stored: StoredObject<T>) => StoredObject<T> | Promise<StoredObject<T>>;

  readonly #release: () => void;

  /** `release` is called when the watch is over. */
  constructor(
    watch: Watch<T>,
    map: (stored: StoredObject<T>) => StoredObject<T> | Promise<StoredObject<T>>,
    release: () => void,
  ) {
    this.#watch = watch;
    this.#map = map;
    this.#release = release;
  }

  stop(): void {
    this.#watch.stop();
    this.#release();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent<T>> {
    try {
      for await (const event of this.#watch) {
        yield event.type === 'BOOKMARK' ? event : { ...event, item: await this.#map(event.item) };
      }
    } finally {
      this.stop();
    }
  }
}
