/** The past changes of a log that a process can provide: from memory, or from the log. */

import { SparseMap } from '../../util/sparse-map.ts';
import { StorageError } from '../errors.ts';
import type { ChangeWindow } from './change-window.ts';
import type { ResourceContext } from './layout.ts';
import { type Change, isBreak, isWrite, type RevisionLog } from './revision-log.ts';

export interface LogHistoryOptions<T> {
  readonly context: ResourceContext<T>;
  readonly log: RevisionLog<T>;
  /** The latest changes, up to `position`. */
  readonly window: ChangeWindow<T>;
  /** The revision up to which all changes are known. */
  readonly position: () => number;
}

/** Every change from the requested position up to `through`. */
interface Page<T> {
  readonly changes: readonly Change<T>[];
  readonly through: number;
}

export class LogHistory<T> {
  readonly #options: LogHistoryOptions<T>;
  /** Pages being read, by the revision before them. */
  readonly #reading = new SparseMap<number, ReturnType<RevisionLog<T>['readAfter']>>();
  #lastRead: Promise<undefined> = Promise.resolve(undefined);

  constructor(options: LogHistoryOptions<T>) {
    this.#options = options;
  }

  /** Every change above this revision is in memory; infinite before the log is opened. */
  get start(): number {
    return this.#options.window.start;
  }

  /** All writes above `cursor`, if they are in memory; otherwise undefined. Throws Expired at a break. */
  cached(cursor: number): readonly Change<T>[] | undefined {
    const { window, position } = this.#options;
    if (cursor < window.start) return undefined;
    const changes = window.slice(cursor, position());
    if (changes.some(isBreak)) throw expired();
    return changes;
  }

  /**
   * Every write in (`after`, `through`], in order, in pages. Throws Expired if the log no longer has them all, or if
   * the first of them is older than the log is served for. `acrossBreaks`: the writes are applied to a state that was
   * read, so breaks and age don't matter.
   */
  async *between(
    after: number,
    through: number,
    { acrossBreaks = false }: { readonly acrossBreaks?: boolean } = {},
  ): AsyncGenerator<readonly Change<T>[]> {
    const { context, window, position } = this.#options;
    for (let cursor = after; cursor < through; ) {
      const isCached = cursor >= window.start && through <= position();
      const page: Page<T> = isCached
        ? { changes: window.slice(cursor, through), through }
        : await this.#read(cursor, through);
      if (!acrossBreaks) {
        if (page.changes.some(isBreak)) throw expired();
        if (cursor === after) checkAge(context, page.changes);
      }
      cursor = page.through;
      yield page.changes.filter(isWrite);
    }
  }

  /** Throws Expired if not all writes above `revision` are available, or the first is too old to be served. */
  async checkServed(revision: number): Promise<void> {
    const { context, position } = this.#options;
    const changes = this.cached(revision);
    if (changes === undefined) await this.between(revision, position()).next();
    else checkAge(context, changes);
  }

  /** Reads one page at a time, shared by all who ask for it meanwhile: a page takes megabytes of memory. */
  #readAfter(after: number): ReturnType<RevisionLog<T>['readAfter']> {
    let page = this.#reading.get(after);
    if (page === undefined) {
      const read = (): ReturnType<RevisionLog<T>['readAfter']> =>
        this.#options.log.readAfter(after, { consistent: true });
      page = this.#lastRead.then(read).finally(() => this.#reading.delete(after));
      this.#reading.set(after, page);
      this.#lastRead = page.then(
        () => undefined,
        () => undefined,
      );
    }
    return page;
  }

  async #read(after: number, through: number): Promise<Page<T>> {
    const read = await this.#readAfter(after);
    const changes: Change<T>[] = [];
    let cursor = after;
    for (const change of read.changes) {
      if (change.revision > through) break;
      if (change.revision !== cursor + 1) throw expired();
      cursor = change.revision;
      changes.push(change);
    }
    if (cursor === after) throw expired();
    return { changes, through: cursor };
  }
}

/** Throws Expired if the first write among `changes` is older than the log is served for. */
function checkAge<T>({ clock, protocol }: ResourceContext<T>, changes: readonly Change<T>[]): void {
  const oldest = changes.find(isWrite);
  if (oldest !== undefined && oldest.allocatedAt < clock.now() - protocol.retentionMs) throw expired();
}

function expired(): StorageError {
  return new StorageError('Expired', 'The resourceVersion for the provided watch is too old.');
}
