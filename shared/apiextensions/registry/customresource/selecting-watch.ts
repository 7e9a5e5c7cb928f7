import type { StoredObject, Watch, WatchEvent } from '../../../storage/storage.ts';

/**
 * A watch of what is selected, over one of everything: for objects that must be converted before a selector can look
 * at them. What an object was before the watch began is unknown; it counts as selected.
 */
export class SelectingWatch<T> implements Watch<T> {
  readonly #watch: Watch<T>;
  readonly #matches: (item: StoredObject<T>) => boolean;
  /** Whether what was told last of an object was that it is there. */
  readonly #told = new Map<string, boolean>();

  constructor(watch: Watch<T>, matches: (item: StoredObject<T>) => boolean) {
    this.#watch = watch;
    this.#matches = matches;
  }

  stop(): void {
    this.#watch.stop();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent<T>> {
    for await (const event of this.#watch) {
      const selected = event.type === 'BOOKMARK' ? event : this.#select(event);
      if (selected !== undefined) yield selected;
    }
  }

  #select(
    event: WatchEvent<T> & { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' },
  ): WatchEvent<T> | undefined {
    const { type, item } = event;
    const before = type === 'ADDED' ? false : (this.#told.get(item.key) ?? true);
    const now = type !== 'DELETED' && this.#matches(item);
    if (type === 'DELETED') this.#told.delete(item.key);
    else this.#told.set(item.key, now);
    if (now) return { type: before ? 'MODIFIED' : 'ADDED', item };
    return before ? { type: 'DELETED', item } : undefined;
  }
}
