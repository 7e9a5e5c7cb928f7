/**
 * A watch: a cursor on the tail that all watches of a resource share. It is pulled: a consumer that is slow holds up
 * nobody, and keeps nothing in memory; what the tail has let go of by then, it reads from the log itself.
 */

import type { Clock } from '../../util/clock.ts';
import type { Watch, WatchEvent, WatchOptions } from '../storage.ts';
import type { StoredState } from '../stored-state.ts';
import type { LogTail } from './log-tail.ts';
import type { Wait } from './log-waiters.ts';
import type { Change } from './revision-log.ts';

export interface LogWatchOptions<T> {
  readonly tail: LogTail<T>;
  readonly clock: Clock;
  readonly bookmarkMs: number;
  /** Every change after this revision is delivered. */
  readonly cursor: number;
  /** Delivered first. */
  readonly initialEvents: readonly WatchEvent<T>[];
  readonly watch: Pick<WatchOptions, 'prefix' | 'predicate' | 'allowBookmarks' | 'signal'>;
}

export class LogWatch<T> implements Watch<T> {
  readonly #options: LogWatchOptions<T>;
  #isStopped = false;
  #waiting: Wait | undefined;

  constructor(options: LogWatchOptions<T>) {
    this.#options = options;
    const { signal } = options.watch;
    if (signal?.aborted) this.stop();
    else signal?.addEventListener('abort', this.stop);
  }

  readonly stop = (): void => {
    this.#isStopped = true;
    this.#options.watch.signal?.removeEventListener('abort', this.stop);
    this.#waiting?.end();
  };

  // One generator that awaits no more than it must: every event goes through it once for each who watches.
  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent<T>> {
    const { tail, clock, bookmarkMs, initialEvents, watch } = this.#options;
    try {
      for (const event of initialEvents) {
        if (this.#isStopped) return;
        yield event;
      }
      let { cursor } = this.#options;
      let bookmarkAt = clock.monotonic() + bookmarkMs;
      while (!this.#isStopped && !tail.closed) {
        if (tail.position === 0) await tail.sync();
        const target = tail.position;
        const changes = tail.history.atHand(cursor);
        if (changes !== undefined) {
          for (const event of this.#eventsOf(changes)) {
            yield event;
            if (this.#isStopped) return;
          }
        } else {
          for await (const page of tail.history.between(cursor, target)) {
            for (const event of this.#eventsOf(page)) {
              yield event;
              if (this.#isStopped) return;
            }
            cursor = Math.max(cursor, page.at(-1)?.revision ?? cursor);
          }
        }
        cursor = Math.max(cursor, target);
        const now = clock.monotonic();
        if (watch.allowBookmarks && now >= bookmarkAt) {
          bookmarkAt = now + bookmarkMs;
          yield { type: 'BOOKMARK', resourceVersion: cursor };
        }
        if (this.#isStopped) return;
        this.#waiting = tail.wait(cursor, bookmarkAt - now);
        await this.#waiting?.over;
      }
    } finally {
      this.stop();
    }
  }

  *#eventsOf(changes: readonly Change<T>[]): Generator<WatchEvent<T>> {
    for (const change of changes) {
      const event = this.#toEvent(change);
      if (event !== undefined) yield event;
    }
  }

  #toEvent(change: Change<T>): WatchEvent<T> | undefined {
    const { prefix, predicate } = this.#options.watch;
    if (!change.key.startsWith(prefix)) return undefined;
    const { after, before, revision } = change;
    const corrupt = after?.corrupt ?? before?.corrupt;
    if (corrupt !== undefined) {
      this.#options.tail.distrust();
      throw corrupt;
    }
    const matches = (state: StoredState<T> | undefined) =>
      state !== undefined && (predicate === undefined || predicate.matches(state.attributes()));
    if (matches(after)) return { type: matches(before) ? 'MODIFIED' : 'ADDED', item: after! };
    if (matches(before)) return { type: 'DELETED', item: lastState(change, before!, revision) };
    return undefined;
  }
}

/** What a change ended, under the change's revision: made once for all who watch. */
function lastState<T>(change: Change<T>, before: StoredState<T>, revision: number): StoredState<T> {
  let state = LAST_STATES.get(change) as StoredState<T> | undefined;
  if (state === undefined) {
    state = before.at(revision);
    LAST_STATES.set(change, state);
  }
  return state;
}

const LAST_STATES = new WeakMap<object, unknown>();
