/** JSON is YAML, and most of what clients send as YAML is JSON: that needs no YAML parser. */

import { parseJSON } from '../../../util/exact-json.ts';
import { isJSONObject, type JSONValue, setOwn } from '../../../util/json.ts';
import { MAX_DEPTH } from '../json/syntax-error.ts';

/** A string, and the colon after it that makes it a key. */
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;

/** The object that a text holds, its keys in order; undefined unless it is JSON in which no key is set twice. */
export function readJSONSubset(text: string): JSONValue | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  const value = parsed(text);
  if (value === undefined) return undefined;
  const copier = new SortedCopier();
  const sorted = copier.copy(value, 0);
  return copier.isTooDeep || copier.isYAML || copier.keys !== keysIn(text) ? undefined : sorted;
}

function parsed(text: string): JSONValue | undefined {
  try {
    return parseJSON(text) as JSONValue;
  } catch {
    return undefined;
  }
}

function keysIn(text: string): number {
  let keys = 0;
  for (const [, colon] of text.matchAll(STRING)) if (colon !== undefined) keys++;
  return keys;
}

class SortedCopier {
  keys = 0;
  isTooDeep = false;
  isYAML = false;

  copy(value: JSONValue, depth: number): JSONValue {
    // A number too large for a double is a string to Go's reader of YAML.
    if (value === Infinity || value === -Infinity) this.isYAML = true;
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= MAX_DEPTH) {
      this.isTooDeep = true;
      return null;
    }
    if (!isJSONObject(value)) return value.map((element) => this.copy(element, depth + 1));
    const sorted = {};
    for (const key of Object.keys(value).sort()) {
      this.keys++;
      setOwn(sorted, key, this.copy(value[key]!, depth + 1));
    }
    return sorted;
  }
}
