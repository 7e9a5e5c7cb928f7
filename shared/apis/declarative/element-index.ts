/** Finds elements of lists by their identity. */

import { semanticDeepEqual } from '../../meta/deep-equal.ts';

/** Indexes of the lists of one validation, made when they are first used. The lists must not change meanwhile. */
export class ElementIndex {
  readonly #byList = new WeakMap<readonly unknown[], Map<string, Map<string, number>>>();

  /** The first element that is identical to `element`: by its keys, or as a whole if there are none. */
  find(list: readonly unknown[], element: unknown, keys?: readonly string[]): unknown {
    return list[this.place(list, element, keys)];
  }

  /** The index of the first element that is identical to `element`; -1 if there is none. */
  place(list: readonly unknown[], element: unknown, keys: readonly string[] = []): number {
    const identity = identityOf(element, keys);
    if (identity !== undefined) return this.#placesIn(list, keys).get(identity) ?? -1;
    if (keys.length === 0) return list.findIndex((one) => semanticDeepEqual(one, element));
    return list.findIndex((one) => keys.every((key) => memberOf(one, key) === memberOf(element, key)));
  }

  #placesIn(list: readonly unknown[], keys: readonly string[]): Map<string, number> {
    const byKeys = this.#byList.get(list) ?? new Map<string, Map<string, number>>();
    this.#byList.set(list, byKeys);
    const name = keys.join();
    const known = byKeys.get(name);
    if (known !== undefined) return known;
    const places = new Map<string, number>();
    list.forEach((one, at) => {
      const identity = identityOf(one, keys);
      if (identity !== undefined && !places.has(identity)) places.set(identity, at);
    });
    byKeys.set(name, places);
    return places;
  }
}

const memberOf = (one: unknown, key: string): unknown =>
  one !== null && typeof one === 'object' && Object.hasOwn(one, key)
    ? (one as Record<string, unknown>)[key]
    : undefined;

const SCALARS: ReadonlySet<string> = new Set(['boolean', 'number', 'string', 'undefined']);

/** A text that only identical elements share; undefined for elements that are compared as a whole. */
function identityOf(element: unknown, keys: readonly string[]): string | undefined {
  const values = keys.length === 0 ? [element] : keys.map((key) => memberOf(element, key));
  if (!values.every((value) => SCALARS.has(typeof value))) return undefined;
  return JSON.stringify(values.map((value) => [typeof value, String(value)]));
}
