/** The latest changes of a resource, in order and without gaps, within a bound on their size. */

import { lowest } from '../../util/extremes.ts';
import { SparseMap } from '../../util/sparse-map.ts';
import { type Change, imageBytes } from './revision-log.ts';

/** Memory that a change takes besides its images. */
const OVERHEAD_BYTES = 500;

export class ChangeWindow<T> {
  readonly #limit: number;
  #changes: Change<T>[] = [];
  #start = Number.POSITIVE_INFINITY;
  #bytes = 0;
  readonly #pins = new SparseMap<object, number>();

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** Every change above this revision is here; infinite before the first `reset`. */
  get start(): number {
    return this.#start;
  }

  /** Starts over after revision `start`. */
  reset(start: number): void {
    this.#changes = [];
    this.#bytes = 0;
    this.#start = start;
  }

  push(change: Change<T>): void {
    this.#changes.push(change);
    this.#bytes += sizeOf(change);
  }

  /** Keeps changes above `revision` until released. */
  pin(revision: number): () => void {
    const pin = {};
    this.#pins.set(pin, revision);
    return () => {
      this.#pins.delete(pin);
    };
  }

  /** Drops the oldest changes if the limit is exceeded. */
  trim(): void {
    if (this.#bytes <= this.#limit) return;
    const pinned = lowest([...this.#pins.entries()].map(([, revision]) => revision));
    let dropped = 0;
    // Trims to three quarters, so that a full window isn't shifted with each change.
    while (dropped < this.#changes.length && this.#bytes > this.#limit * 0.75) {
      const change = this.#changes[dropped]!;
      if (change.revision > pinned) break;
      this.#bytes -= sizeOf(change);
      this.#start = change.revision;
      dropped++;
    }
    this.#changes.splice(0, dropped);
  }

  /** The changes in (`after`, `through`]; `after` must be at least `start`. */
  slice(after: number, through: number): readonly Change<T>[] {
    return this.#changes.slice(this.#indexAfter(after), this.#indexAfter(through));
  }

  #indexAfter(revision: number): number {
    let low = 0;
    for (let high = this.#changes.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (this.#changes[middle]!.revision > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

const sizeOf = <T>(change: Change<T>): number => OVERHEAD_BYTES + imageBytes(change);
