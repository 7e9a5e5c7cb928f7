import type { StoredObject, Watch, WatchEvent } from '../../../storage/storage.ts';
import { mapIteration } from '../../../util/map-iteration.ts';

/** A watch that maps its objects. */
export class MappedWatch<T> implements Watch<T> {
  readonly #watch: Watch<T>;
  readonly #map: (stored: StoredObject<T>) => StoredObject<T> | Promise<StoredObject<T>>;

  readonly #release: () => void;

  /** `release` is called when the watch ends. */
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

  [Symbol.asyncIterator](): AsyncIterator<WatchEvent<T>> {
    return mapIteration(this.#watch, (event) => this.#shown(event), { onEnd: () => this.stop() });
  }

  #shown(event: WatchEvent<T>): WatchEvent<T> | Promise<WatchEvent<T>> {
    if (event.type === 'BOOKMARK') return event;
    const item = this.#map(event.item);
    if (item instanceof Promise) return item.then((item) => ({ ...event, item }));
    return { ...event, item };
  }
}
