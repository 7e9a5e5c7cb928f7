import type { CorrelatedObject } from '../validation/correlated-object.ts';

/** Whether errors at a value are tolerated, because neither the value nor its surroundings have changed. */
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
    // Both objects are in the same version, so their type fields don't reflect what was stored.
    if (isRoot && (name === 'apiVersion' || name === 'kind')) return new Ratchet(undefined, undefined);
    return new Ratchet(this.#current.key(name), this.#current);
  }

  index(index: number): Ratchet {
    return this.#current === undefined ? this : new Ratchet(this.#current.index(index), this.#current);
  }
}
