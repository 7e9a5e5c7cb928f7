import type { CorrelatedObject } from '../validation/correlated-object.ts';

/** Whether errors at a place are let stand, because nothing changed there or around it. */
export class Ratchet {
  readonly #current: CorrelatedObject | undefined;
  readonly #nearestParent: CorrelatedObject | undefined;

  constructor(current: CorrelatedObject | undefined, nearestParent: CorrelatedObject | undefined) {
    this.#current = current;
    this.#nearestParent = nearestParent;
  }

  letsErrorsStand(): boolean {
    return (this.#current ?? this.#nearestParent)?.unchanged() ?? false;
  }

  key(name: string): Ratchet {
    if (this.#current === undefined) return this;
    const isRoot = this.#nearestParent === undefined;
    // New and old object are of one version: their type fields say nothing of what was stored.
    if (isRoot && (name === 'apiVersion' || name === 'kind')) return new Ratchet(undefined, undefined);
    return new Ratchet(this.#current.key(name), this.#current);
  }

  index(index: number): Ratchet {
    return this.#current === undefined ? this : new Ratchet(this.#current.index(index), this.#current);
  }
}
