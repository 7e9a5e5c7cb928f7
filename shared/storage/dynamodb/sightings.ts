/**
 * When this process first saw what: a transaction's items may become visible one after the other, so that what was
 * seen in the log only just now may be missing from a read of the objects.
 */

import type { ResourceContext } from './layout.ts';
import type { Change } from './revision-log.ts';

/** A point of the log: every revision up to `position`. */
export interface LogPoint {
  readonly position: number;
  /** No later than the moment the revision after `position` was taken, by a clock minutes off. */
  readonly bound: number;
}

interface Point extends LogPoint {
  /** Seen at this moment; long ago: known to be visible. */
  readonly at: number;
}

export class Sightings<T> {
  readonly #context: ResourceContext<T>;
  #points: Point[] = [];
  #settled: LogPoint = { position: 0, bound: 0 };
  readonly #recent = new Map<string, { change: Change<T>; at: number; readAt: number }>();

  constructor(context: ResourceContext<T>) {
    this.#context = context;
  }

  /** What is visible to any consistent read. */
  get settled(): LogPoint {
    const seenBefore = this.#context.clock.monotonic() - this.#context.protocol.settleMs;
    return this.#settleWhile(({ at }) => at <= seenBefore);
  }

  reset(settled: LogPoint): void {
    this.#points = [];
    this.#recent.clear();
    this.#settled = settled;
  }

  /**
   * Takes note of `changes`, which lead up to `point`; `readAt`: when they were asked for. Those up to `visible` are
   * known to be visible.
   */
  record(
    point: LogPoint,
    changes: readonly Change<T>[],
    { readAt, visible }: { readonly readAt: number; readonly visible?: LogPoint | undefined },
  ): void {
    const at = this.#context.clock.monotonic();
    if (visible !== undefined) this.#points.push({ ...visible, at: Number.NEGATIVE_INFINITY });
    if (visible?.position !== point.position) this.#points.push({ ...point, at });
    if (this.#points.length > 1_000) void this.settled;
    for (const change of changes) {
      this.#recent.delete(change.key);
      this.#recent.set(change.key, { change, at, readAt });
    }
    for (const [key, seen] of this.#recent) {
      if (seen.at > at - this.#context.protocol.settleMs) break;
      this.#recent.delete(key);
    }
  }

  /** Tells that everything up to `revision` was found to be visible. */
  prove(revision: number): void {
    this.#settleWhile(({ position }) => position <= revision);
  }

  /** The newest change of `key` if it is so new that a read of the object made from now on may miss it. */
  recent(key: string): Change<T> | undefined {
    const { clock, protocol } = this.#context;
    const seen = this.#recent.get(key);
    if (seen === undefined || seen.at <= clock.monotonic() - protocol.settleMs) return undefined;
    // Not after a long freeze: of a key deleted since, even the tombstone may be gone.
    return clock.now() - seen.readAt < protocol.tombstoneKeptMs / 2 ? seen.change : undefined;
  }

  #settleWhile(isSettled: (point: Point) => boolean): LogPoint {
    const unsettled = this.#points.findIndex((point) => !isSettled(point));
    const count = unsettled === -1 ? this.#points.length : unsettled;
    if (count > 0) this.#settled = this.#points.splice(0, count).at(-1)!;
    return this.#settled;
  }
}
