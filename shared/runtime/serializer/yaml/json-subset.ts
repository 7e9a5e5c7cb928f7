/** Parses JSON sent as YAML without a YAML parser. JSON is valid YAML, and most YAML from clients is JSON. */

import { parseJSON } from '../../../util/exact-json.ts';
import { isJSONObject, type JSONValue, setOwn } from '../../../util/json.ts';
import { MAX_DEPTH } from '../json/syntax-error.ts';

/** A string, followed by a colon if it is a key. */
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;

/** The object in a text, with its keys sorted; undefined unless it is JSON without duplicate keys. */
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
    // Go's YAML parser treats a number beyond the range of doubles as a string.
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
