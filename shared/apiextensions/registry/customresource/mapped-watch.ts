import type { StoredObject, Watch, WatchEvent } from '../../../storage/storage.ts';

/** A watch whose objects are shown in another form. */
export class MappedWatch<T> implements Watch<T> {
  readonly #watch: Watch<T>;
  readonly #map: (stored: StoredObject<T>) => StoredObject<T> | Promise<StoredObject<T>>;

  constructor(watch: Watch<T>, map: (stored: StoredObject<T>) => StoredObject<T> | Promise<StoredObject<T>>) {
    this.#watch = watch;
    this.#map = map;
  }

  stop(): void {
    this.#watch.stop();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent<T>> {
    for await (const event of this.#watch) {
      yield event.type === 'BOOKMARK' ? event : { ...event, item: await this.#map(event.item) };
    }
  }
}
