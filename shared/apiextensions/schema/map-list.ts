/**
 * Lookup by key in lists of type map (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/common/maplist.go).
 */

import { isJSONObject, type JSONObject } from '../../util/json.ts';
import type { Structural } from './structural.ts';

/** A text that is equal for items with equal keys; undefined for values that can't be items. */
function compositeKey(item: unknown, keys: readonly string[]): string | undefined {
  if (!isJSONObject(item)) return undefined;
  let composite = '';
  for (const key of keys) {
    const value = Object.hasOwn(item, key) ? (item[key] as unknown) : undefined;
    if (value === undefined || value === null || typeof value === 'object') return undefined;
    composite += `\0${typeof value === 'string' ? JSON.stringify(value) : String(value)}`;
  }
  return composite;
}

/** The items of a list by their keys; of equal keys the first one wins. Empty for lists of other types. */
export class MapList {
  readonly #keys: readonly string[];
  readonly #items = new Map<string, JSONObject>();

  constructor(schema: Pick<Structural, 'type' | 'listType' | 'listMapKeys'>, items: readonly unknown[]) {
    this.#keys = schema.listType === 'map' && schema.type === 'array' ? schema.listMapKeys : [];
    if (this.#keys.length === 0) return;
    for (const item of items) {
      const key = compositeKey(item, this.#keys);
      if (key !== undefined && !this.#items.has(key)) this.#items.set(key, item as JSONObject);
    }
  }

  /** The item with the same keys as `item`. */
  get(item: unknown): JSONObject | undefined {
    if (this.#items.size === 0) return undefined;
    const key = compositeKey(item, this.#keys);
    return key === undefined ? undefined : this.#items.get(key);
  }
}
