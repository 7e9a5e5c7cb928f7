/** A resource in memory, as of one revision. */

import type { Snapshot } from '../storage.ts';
import type { StoredState } from '../stored-state.ts';
import { compareKeys } from './compare-keys.ts';
import type { KeyRange } from './object-rows.ts';
import type { Change } from './revision-log.ts';

/** Memory that an object takes besides its bytes. */
const OVERHEAD_BYTES = 400;

interface RangeStates<T> {
  readonly states: StoredState<T>[];
  readonly left: number;
}

export class Replica<T> {
  readonly #states = new Map<string, StoredState<T>>();
  /** Sorted. */
  readonly #keys: string[] = [];
  #bytes = 0;
  #snapshot: { readonly value: Snapshot<T>; readonly validUntil: number } | undefined;

  /** `states`: in key order. */
  constructor(states: readonly StoredState<T>[]) {
    for (const state of states) {
      this.#keys.push(state.key);
      this.#states.set(state.key, state);
      this.#bytes += sizeOf(state);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#keys.length;
  }

  apply({ kind, key, after }: Change<T>): void {
    if (kind !== 'put' && kind !== 'delete') return;
    const before = this.#states.get(key);
    this.#bytes += (after === undefined ? 0 : sizeOf(after)) - (before === undefined ? 0 : sizeOf(before));
    this.#snapshot = undefined;
    if (after !== undefined) {
      this.#states.set(key, after);
      if (before === undefined) this.#keys.splice(this.#search(key), 0, key);
    } else if (before !== undefined) {
      this.#states.delete(key);
      this.#keys.splice(this.#search(key), 1);
    }
  }

  get(key: string): StoredState<T> | undefined {
    return this.#states.get(key);
  }

  /** States in key order, at most `maxRows`, and the number that follow in the range; expired ones included. */
  range({ prefix, from, to }: KeyRange, maxRows = Number.POSITIVE_INFINITY): RangeStates<T> {
    const start = this.#search(from || prefix);
    const end = this.#firstNot(
      (key) => key.startsWith(prefix) && (to === undefined || compareKeys(key, to) <= 0),
      start,
    );
    const taken = Math.min(end, start + maxRows);
    const states = this.#keys.slice(start, taken).map((key) => this.#states.get(key)!);
    return { states, left: end - taken };
  }

  /** The objects live at `now`, each passed to `check`; the same value until something changes. */
  snapshot(resourceVersion: number, now: number, check: (state: StoredState<T>) => unknown): Snapshot<T> {
    if (this.#snapshot === undefined || now >= this.#snapshot.validUntil) {
      const items: StoredState<T>[] = [];
      let validUntil = Number.POSITIVE_INFINITY;
      for (const key of this.#keys) {
        const state = this.#states.get(key)!;
        if (state.expiredAt(now)) continue;
        check(state);
        if (state.expiresAt !== undefined) validUntil = Math.min(validUntil, state.expiresAt);
        items.push(state);
      }
      this.#snapshot = { value: Object.freeze({ resourceVersion, items: Object.freeze(items) }), validUntil };
    }
    return this.#snapshot.value;
  }

  /** The index of `key`, or where it would be inserted. */
  #search(key: string): number {
    return this.#firstNot((other) => compareKeys(other, key) < 0);
  }

  /** Binary search: the first index from `low` on for which `isSo` is false; keys for which it is true come first. */
  #firstNot(isSo: (key: string) => boolean, low = 0): number {
    let first = low;
    for (let high = this.#keys.length; first < high; ) {
      const middle = (first + high) >>> 1;
      if (isSo(this.#keys[middle]!)) first = middle + 1;
      else high = middle;
    }
    return first;
  }
}

function sizeOf<T>(state: StoredState<T>): number {
  return OVERHEAD_BYTES + state.size;
}
