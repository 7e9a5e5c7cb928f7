/** Puts a log's changes in order as one process receives them: changes above a hole wait until the hole is known. */

import { SparseMap } from '../../util/sparse-map.ts';
import type { Change } from './revision-log.ts';

export class ChangeOrder<T> {
  #position = 0;
  #bound = 0;
  #floor = 0;
  /** Changes above a hole, by revision. */
  readonly #early = new SparseMap<number, Change<T>>();

  /** Every revision up to here is known; 0 before the first `reset`. */
  get position(): number {
    return this.#position;
  }

  /** Lower bound of the moment the revision after `position` was taken. */
  get bound(): number {
    return this.#bound;
  }

  /** Number of known changes above a hole. */
  get earlyCount(): number {
    return this.#early.size;
  }

  /** The highest revision that is known in order, or whose effect was seen. */
  get seen(): number {
    return Math.max(this.#position, this.#floor);
  }

  /** The highest revision known in any way. */
  get newestKnown(): number {
    let highest = this.seen;
    for (const revision of this.#early.keys()) highest = Math.max(highest, revision);
    return highest;
  }

  isKnown(revision: number): boolean {
    return revision <= this.#position || this.#early.has(revision);
  }

  /** Starts over: everything up to `position` is known. */
  reset({ position, bound }: { readonly position: number; readonly bound: number }): void {
    this.#early.clear();
    this.#position = position;
    this.#bound = bound;
  }

  /** Drops changes above a hole. */
  forgetEarly(): void {
    this.#early.clear();
  }

  /** Records that an effect of this revision was seen. */
  raiseFloor(revision: number): void {
    this.#floor = Math.max(this.#floor, revision);
  }

  /** Accepts changes in any order; yields those that directly follow `position`, and advances it. */
  *take(changes: readonly Change<T>[]): Generator<Change<T>, void> {
    for (const change of changes) {
      if (change.revision > this.#position) this.#early.set(change.revision, change);
    }
    for (;;) {
      const change = this.#early.get(this.#position + 1);
      if (change === undefined) return;
      this.#early.delete(change.revision);
      this.#position = change.revision;
      this.#bound = Math.max(this.#bound, change.allocatedAt);
      yield change;
    }
  }

  /**
   * The unknown revisions up to `through`, each with a lower bound of the moment it was taken. Revisions are taken in
   * order, so a bound of an earlier revision holds for later ones.
   */
  *holes(through: number): Generator<{ readonly revision: number; readonly bound: number }, void> {
    let bound = this.#bound;
    for (let revision = this.#position + 1; revision <= through; revision++) {
      const early = this.#early.get(revision);
      if (early === undefined) yield { revision, bound };
      else bound = Math.max(bound, early.allocatedAt);
    }
  }
}
