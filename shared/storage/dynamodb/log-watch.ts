/**
 * A watch: a cursor on the tail that all watches of a resource share. It is pulled: a slow consumer delays no others
 * and keeps nothing in memory; changes that the tail has dropped by then are read from the log.
 */

import type { Clock } from '../../util/clock.ts';
import { END, ReadyIterator, type Taken } from '../../util/ready-iterator.ts';
import type { StorageError } from '../errors.ts';
import type { Watch, WatchEvent, WatchOptions } from '../storage.ts';
import type { StoredState } from '../stored-state.ts';
import type { LogTail } from './log-tail.ts';
import type { Waiter } from './log-waiters.ts';
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

/** Changes that are no longer in memory, read from the log up to a revision. */
interface Past<T> {
  readonly pages: AsyncGenerator<readonly Change<T>[]>;
  readonly through: number;
}

export class LogWatch<T> extends ReadyIterator<WatchEvent<T>> implements Watch<T> {
  readonly #options: LogWatchOptions<T>;
  #initialEvents: readonly WatchEvent<T>[];
  /** Every change up to here was delivered, or is in `#changes`. */
  #cursor: number;
  /** The changes to be delivered next, from `#index`. */
  #changes: readonly Change<T>[] = [];
  #index = 0;
  #past: Past<T> | undefined;
  #bookmarkAt: number;
  #failure: StorageError | undefined;
  #isStopped = false;

  constructor(options: LogWatchOptions<T>) {
    super();
    this.#options = options;
    const { clock, bookmarkMs, cursor, initialEvents, watch } = options;
    this.#initialEvents = initialEvents;
    this.#cursor = cursor;
    this.#bookmarkAt = watch.allowBookmarks ? clock.monotonic() + bookmarkMs : Number.POSITIVE_INFINITY;
    if (watch.signal?.aborted) this.stop();
    else watch.signal?.addEventListener('abort', this.stop);
  }

  readonly stop = (): void => {
    this.#isStopped = true;
    this.#options.watch.signal?.removeEventListener('abort', this.stop);
    this.#options.tail.leave(this.#waiter);
    this.becomeReady();
  };

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.stop();
    return END;
  }

  readonly #waiter: Waiter = {
    wake: () => this.becomeReady(),
    fail: (error) => {
      this.#failure = error;
      this.becomeReady();
    },
  };

  protected takeNow(): Taken<WatchEvent<T>> {
    try {
      return this.#take();
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  #take(): Taken<WatchEvent<T>> {
    const { tail } = this.#options;
    for (;;) {
      if (this.#isStopped) return END;
      if (this.#failure !== undefined) throw this.#failure;
      const event = this.#nextEvent();
      if (event !== undefined) return { done: false, value: event };
      const unread = this.#unreadState();
      if (unread !== undefined) return this.await(this.#readAttributes(unread));
      if (tail.closed) {
        this.stop();
        return END;
      }
      const bookmark = this.#bookmark();
      if (bookmark !== undefined) return { done: false, value: bookmark };
      if (this.#past !== undefined || tail.position === 0) return this.await(this.#read());
      const through = tail.position;
      const changes = tail.history.cached(this.#cursor);
      if (changes === undefined) this.#past = { pages: tail.history.between(this.#cursor, through), through };
      else this.#deliver(changes, through);
      if (changes?.length !== 0) continue;
      const ms = this.#bookmarkAt - this.#options.clock.monotonic();
      if (tail.wait(this.#waiter, this.#cursor, ms)) return undefined;
    }
  }

  #deliver(changes: readonly Change<T>[], through: number): void {
    this.#changes = changes;
    this.#index = 0;
    this.#cursor = Math.max(this.#cursor, through);
  }

  #nextEvent(): WatchEvent<T> | undefined {
    if (this.#initialEvents.length > 0) {
      const event = this.#initialEvents[this.#index++];
      if (event !== undefined) return event;
      this.#initialEvents = [];
      this.#index = 0;
    }
    while (this.#index < this.#changes.length && this.#unreadState() === undefined) {
      const event = this.#toEvent(this.#changes[this.#index++]!);
      if (event !== undefined) return event;
    }
    return undefined;
  }

  /** A large state of the next change that must be decoded to match the predicate, if there is one. */
  #unreadState(): StoredState<T> | undefined {
    const change = this.#changes[this.#index];
    const { prefix, predicate } = this.#options.watch;
    if (change === undefined || predicate === undefined || !change.key.startsWith(prefix)) return undefined;
    const { after, before } = change;
    if (after?.hasUnreadAttributes) return after;
    return before?.hasUnreadAttributes ? before : undefined;
  }

  async #readAttributes(state: StoredState<T>): Promise<undefined> {
    try {
      await state.readAttributes();
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Reads more changes, since none are available. */
  async #read(): Promise<undefined> {
    try {
      if (this.#past === undefined) await this.#options.tail.sync();
      else await this.#turnPage(this.#past);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  async #turnPage({ pages, through }: Past<T>): Promise<void> {
    const { done, value: page } = await pages.next();
    if (done) this.#past = undefined;
    this.#deliver(page ?? [], done ? through : (page.at(-1)?.revision ?? 0));
  }

  #bookmark(): WatchEvent<T> | undefined {
    const { clock, bookmarkMs } = this.#options;
    if (this.#bookmarkAt === Number.POSITIVE_INFINITY) return undefined;
    const now = clock.monotonic();
    if (now < this.#bookmarkAt) return undefined;
    this.#bookmarkAt = now + bookmarkMs;
    return { type: 'BOOKMARK', resourceVersion: this.#cursor };
  }

  #toEvent(change: Change<T>): WatchEvent<T> | undefined {
    const { prefix, predicate } = this.#options.watch;
    if (!change.key.startsWith(prefix)) return undefined;
    const { after, before, revision } = change;
    const corrupt = after?.corrupt ?? before?.corrupt;
    if (corrupt !== undefined) {
      this.#options.tail.invalidate();
      throw corrupt;
    }
    const matches = (state: StoredState<T> | undefined) =>
      state !== undefined && (predicate === undefined || predicate.matches(state.attributes()));
    if (matches(after)) return { type: matches(before) ? 'MODIFIED' : 'ADDED', item: after! };
    if (matches(before)) return { type: 'DELETED', item: lastState(change, before!, revision) };
    return undefined;
  }
}

/** The deleted object's last state, with the deletion's revision: created once for all watchers. */
function lastState<T>(change: Change<T>, before: StoredState<T>, revision: number): StoredState<T> {
  let state = LAST_STATES.get(change) as StoredState<T> | undefined;
  if (state === undefined) {
    state = before.at(revision);
    LAST_STATES.set(change, state);
  }
  return state;
}

const LAST_STATES = new WeakMap<object, unknown>();
