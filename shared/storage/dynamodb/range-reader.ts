/** Reads ranges of a resource's rows as of one revision: the newest, or an older one. */

import { appendAll } from '../../util/append-all.ts';
import { isStorageError } from '../errors.ts';
import type { StoredState } from '../stored-state.ts';
import { compareKeys } from './compare-keys.ts';
import type { ResourceContext } from './layout.ts';
import type { LogTail } from './log-tail.ts';
import type { KeyRange, ObjectRows, ReadBounds, Row } from './object-rows.ts';
import type { Change } from './revision-log.ts';

/** A part of a list: all live objects in a range of keys, at one revision. */
export interface Chunk<T> {
  readonly revision: number;
  /** In key order; expired ones included. */
  readonly states: readonly StoredState<T>[];
  /** The last key, if the chunk ends before the range does; otherwise undefined. */
  readonly lastKey: string | undefined;
  /** Number of objects of the range after the chunk, expired ones included; undefined: not known. */
  readonly left?: number | undefined;
}

export interface RangeReaderOptions<T> {
  readonly context: ResourceContext<T>;
  readonly rows: ObjectRows<T>;
  readonly tail: LogTail<T>;
}

const NO_ROWS = { rows: [], lastKey: undefined };

export class RangeReader<T> {
  readonly #options: RangeReaderOptions<T>;

  constructor(options: RangeReaderOptions<T>) {
    this.#options = options;
  }

  /**
   * Reads rows one after the other while writes continue, in parallel with the log; then applies all changes that a
   * read could have missed, up to a revision no lower than any row's. The result is exact at that revision, the tail's
   * position when `onRead` is called. If the resource was never written to, no rows are read.
   */
  async read(range: KeyRange, bounds: ReadBounds, onRead?: (chunk: Chunk<T>) => void): Promise<Chunk<T>> {
    const { tail, rows, context } = this.#options;
    const { clock, protocol } = context;
    for (;;) {
      const { settled } = tail;
      const startedAt = clock.now();
      const release = tail.pin(settled);
      try {
        const { opens, generation, current, unwritten } = await tail.begin(bounds.maxStalenessMs);
        const [read] = await Promise.all([unwritten ? NO_ROWS : rows.readRange(range, bounds), current]);
        // The process was frozen: even tombstones of objects deleted meanwhile may be gone.
        if (clock.now() - startedAt > protocol.tombstoneTTLMs / 2) continue;
        for (const { revision } of read.rows) tail.raiseFloor(revision);
        if (tail.isBehind) await tail.sync();
        if (generation !== tail.generation) continue;
        const newest = new Map<string, Change<T>>();
        const history: Change<T>[] = [];
        let through = opens ? tail.history.start : settled;
        while (through < tail.position) {
          const target = tail.position;
          for await (const changes of tail.history.between(through, target, { acrossBreaks: true })) {
            for (const change of changes) newest.set(change.key, change);
            appendAll(history, changes);
          }
          through = target;
        }
        if (generation !== tail.generation) continue;
        const found = new Map(read.rows.map((row) => [row.key, row]));
        if (range.prefix === '' && range.from === undefined && read.lastKey === undefined) {
          tail.prove(visibleUpTo(history, found) ?? through);
        }
        const states = overlay(found, newest, { ...range, to: read.lastKey ?? range.to });
        const chunk = { revision: through, states, lastKey: read.lastKey };
        onRead?.(chunk);
        return chunk;
      } catch (error) {
        if (!isStorageError(error, 'Expired')) throw error;
        // The log no longer has all changes since the rows were read: read them again.
        tail.invalidate();
      } finally {
        release();
      }
    }
  }

  /** The chunk as it was at `revision`, restored from the before-images of later changes. */
  async undo(range: KeyRange, chunk: Chunk<T>, revision: number): Promise<Chunk<T>> {
    const bounds = { ...range, to: chunk.lastKey ?? range.to };
    const states = new Map(chunk.states.map((state) => [state.key, state]));
    const undone = new Set<string>();
    let { left } = chunk;
    for await (const changes of this.#options.tail.history.between(revision, chunk.revision)) {
      for (const { key, before, after } of changes) {
        if (!within(key, range)) continue;
        if (!within(key, bounds)) {
          if (left !== undefined) left += Number(before !== undefined) - Number(after !== undefined);
          continue;
        }
        if (undone.has(key)) continue;
        undone.add(key);
        if (before === undefined) states.delete(key);
        else states.set(key, before);
      }
    }
    return { ...chunk, revision, states: inOrder(states.values()), left };
  }
}

function overlay<T>(
  rows: ReadonlyMap<string, Row<T>>,
  changes: ReadonlyMap<string, Change<T>>,
  bounds: KeyRange,
): StoredState<T>[] {
  // Rows are already in order.
  if (changes.size === 0) return [...rows.values()].flatMap(({ state }) => state ?? []);
  const states = new Map<string, StoredState<T>>();
  for (const { key, state } of rows.values()) if (state !== undefined) states.set(key, state);
  for (const [key, { revision, after }] of changes) {
    if (!within(key, bounds) || revision <= (rows.get(key)?.revision ?? 0)) continue;
    if (after === undefined) states.delete(key);
    else states.set(key, after);
  }
  return inOrder(states.values());
}

/** The revision before the first change that the rows don't show; undefined: they show all changes. */
function visibleUpTo<T>(
  changes: readonly Change<T>[],
  rows: ReadonlyMap<string, Row<T>>,
): number | undefined {
  const hidden = changes.find(({ revision, key }) => (rows.get(key)?.revision ?? 0) < revision);
  return hidden === undefined ? undefined : hidden.revision - 1;
}

function within(key: string, { prefix, from, to }: KeyRange): boolean {
  return (
    key.startsWith(prefix) &&
    (from === undefined || compareKeys(key, from) >= 0) &&
    (to === undefined || compareKeys(key, to) <= 0)
  );
}

function inOrder<T>(states: Iterable<StoredState<T>>): StoredState<T>[] {
  return [...states].sort((a, b) => compareKeys(a.key, b.key));
}
