/**
 * Tracks when this process first saw changes: a transaction's items may become visible one after the other, so a change
 * seen in the log a moment ago may be missing from a read of the objects.
 */

import { SparseMap } from '../../util/sparse-map.ts';
import type { ResourceContext } from './layout.ts';
import type { Change } from './revision-log.ts';

/** A point in the log: every revision up to `position`. */
export interface LogPoint {
  readonly position: number;
  /** Lower bound of the moment the revision after `position` was taken, by a clock that may be minutes off. */
  readonly bound: number;
}

interface Point extends LogPoint {
  /** When it was seen; long ago: known to be visible. */
  readonly at: number;
}

export class VisibilityTracker<T> {
  readonly #context: ResourceContext<T>;
  #points: Point[] = [];
  #settled: LogPoint = { position: 0, bound: 0 };
  readonly #recent = new SparseMap<string, { change: Change<T>; at: number; readAt: number }>();

  constructor(context: ResourceContext<T>) {
    this.#context = context;
  }

  /** The point up to which everything is visible to any consistent read. */
  get settled(): LogPoint {
    const seenBefore = this.#context.clock.monotonic() - this.#context.protocol.settleMs;
    return this.#advanceWhile(({ at }) => at <= seenBefore);
  }

  reset(settled: LogPoint): void {
    this.#points = [];
    this.#recent.clear();
    this.#settled = settled;
  }

  /**
   * Records `changes`, which lead up to `point`; `readAt`: when they were requested. Changes up to `visible` are known
   * to be visible.
   */
  record(
    point: LogPoint,
    changes: readonly Change<T>[],
    { readAt, visible }: { readonly readAt: number; readonly visible?: LogPoint | undefined },
  ): void {
    const at = this.#context.clock.monotonic();
    if (visible !== undefined) this.#add(visible, Number.NEGATIVE_INFINITY);
    if (visible?.position !== point.position) this.#add(point, at);
    if (this.#points.length > 1_000) void this.settled;
    for (const change of changes) {
      this.#recent.delete(change.key);
      this.#recent.set(change.key, { change, at, readAt });
    }
    for (const [key, seen] of this.#recent.entries()) {
      if (seen.at > at - this.#context.protocol.settleMs) break;
      this.#recent.delete(key);
    }
  }

  #add({ position, bound }: LogPoint, at: number): void {
    // Not spread: V8 would give each object a shape of its own, which takes more than the object.
    this.#points.push({ position, bound, at });
  }

  /** Records that everything up to `revision` was found to be visible. */
  prove(revision: number): void {
    this.#advanceWhile(({ position }) => position <= revision);
  }

  /** The newest change of `key`, if it is so recent that a read of the object started now may miss it. */
  recent(key: string): Change<T> | undefined {
    const { clock, protocol } = this.#context;
    const seen = this.#recent.get(key);
    if (seen === undefined || seen.at <= clock.monotonic() - protocol.settleMs) return undefined;
    // Excludes a change from before a long freeze: if the key was deleted since, even the tombstone may be gone.
    return clock.now() - seen.readAt < protocol.tombstoneTTLMs / 2 ? seen.change : undefined;
  }

  #advanceWhile(isSettled: (point: Point) => boolean): LogPoint {
    const unsettled = this.#points.findIndex((point) => !isSettled(point));
    const count = unsettled === -1 ? this.#points.length : unsettled;
    if (count > 0) this.#settled = this.#points.splice(0, count).at(-1)!;
    return this.#settled;
  }
}
