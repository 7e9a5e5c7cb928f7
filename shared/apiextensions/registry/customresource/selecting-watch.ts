import type { StoredObject, Watch, WatchEvent } from '../../../storage/storage.ts';

/**
 * Filters a watch of all objects, for objects that must be converted before they can be matched against a selector. The
 * state of an object before the start of the watch is unknown and counts as selected.
 */
export class SelectingWatch<T> implements Watch<T> {
  readonly #watch: Watch<T>;
  readonly #matches: (item: StoredObject<T>) => Promise<boolean>;
  /** Whether the last event sent for an object means that it is selected. */
  readonly #selected = new Map<string, boolean>();

  constructor(watch: Watch<T>, matches: (item: StoredObject<T>) => Promise<boolean>) {
    this.#watch = watch;
    this.#matches = matches;
  }

  stop(): void {
    this.#watch.stop();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent<T>> {
    for await (const event of this.#watch) {
      const selected = event.type === 'BOOKMARK' ? event : await this.#select(event);
      if (selected !== undefined) yield selected;
    }
  }

  async #select(
    event: WatchEvent<T> & { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' },
  ): Promise<WatchEvent<T> | undefined> {
    const { type, item } = event;
    const before = type === 'ADDED' ? false : (this.#selected.get(item.key) ?? true);
    const now = type !== 'DELETED' && (await this.#matches(item));
    if (type === 'DELETED') this.#selected.delete(item.key);
    else this.#selected.set(item.key, now);
    if (now) return { type: before ? 'MODIFIED' : 'ADDED', item };
    return before ? { type: 'DELETED', item } : undefined;
  }
}
