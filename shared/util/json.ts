import { type Pieces, shouldYield } from './breathe.ts';

/** Any JSON value. */
export type JSONValue = null | boolean | number | string | JSONValue[] | { [key: string]: JSONValue };
export type JSONObject = { [key: string]: JSONValue };

export function isJSONObject(value: unknown): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Whether any value is nested in more than `levels` containers. Iterative, because its input may be too deep for
 * recursion.
 */
export function* isDeeperThan(levels: number, value: unknown): Pieces<boolean> {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const inner: unknown[] = [];
    for (const container of level) {
      if (typeof container !== 'object' || container === null) continue;
      if (depth === levels) return true;
      for (const key in container) inner.push((container as Record<string, unknown>)[key]);
      if (shouldYield()) yield;
    }
    level = inner;
  }
  return false;
}

/** The keys of `object`, sorted, so that equal objects are traversed alike whatever their order of fields. */
export function sortedKeys(object: object): string[] {
  const keys = Object.keys(object);
  return keys.every((key, index) => index === 0 || keys[index - 1]! < key) ? keys : keys.sort();
}

/** Sets an own property for any key: assigning to `__proto__` would set the prototype. */
export function setOwn(object: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (object as Record<string, unknown>)[key] = value;
  }
}
