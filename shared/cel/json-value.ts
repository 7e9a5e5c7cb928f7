/** Adapts JSON without a schema: integral numbers are `int`, all others `double`. */

import { CelError } from './error.ts';
import { formatDuration, formatTimestamp } from './library/time.ts';
import {
  Duration,
  ListValue,
  MapValue,
  ObjectValue,
  Optional,
  Timestamp,
  Uint,
  type Value,
} from './value.ts';

class JSONList extends ListValue {
  readonly elements: readonly unknown[];
  constructor(elements: readonly unknown[]) {
    super();
    this.elements = elements;
  }
  get size(): number {
    return this.elements.length;
  }
  get(index: number): Value {
    return jsonValue(this.elements[index]);
  }
}

class JSONMap extends MapValue {
  readonly #record: Readonly<Record<string, unknown>>;
  #keys: readonly string[] | undefined;
  /** Nested maps, created on access; each caches its keys. */
  #maps: Map<string, JSONMap> | undefined;
  constructor(record: Readonly<Record<string, unknown>>) {
    super();
    this.#record = record;
  }
  get size(): number {
    return this.keys().length;
  }
  keys(): readonly string[] {
    this.#keys ??= Object.keys(this.#record).filter((key) => this.#record[key] !== undefined);
    return this.#keys;
  }
  find(key: Value): Value | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#record, key)) return undefined;
    const value = this.#record[key];
    if (value === undefined) return undefined;
    const known = this.#maps?.get(key);
    if (known !== undefined) return known;
    const found = jsonValue(value);
    if (found instanceof JSONMap) {
      this.#maps ??= new Map();
      this.#maps.set(key, found);
    }
    return found;
  }
}

/** Adapts lazily; the JSON must not change afterwards. */
export function jsonValue(json: unknown): Value {
  switch (typeof json) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return json;
    case 'number':
      return Number.isSafeInteger(json) ? BigInt(json) : json;
    case 'object':
      if (json === null) return null;
      return Array.isArray(json) ? new JSONList(json) : new JSONMap(json as Record<string, unknown>);
    default:
      return new CelError(`unsupported conversion to ref.Val: (${typeof json})`);
  }
}

/** A value without a JSON representation. */
export class NotJSONError extends Error {
  override readonly name = 'NotJSONError';
}

/** The JSON of a value. Throws `NotJSONError`. */
export function valueToJSON(value: Value): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotJSONError(`${value} has no JSON form`);
    return value;
  }
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value instanceof Uint) return valueToJSON(value.value);
  if (value instanceof ListValue) return Array.from(value, valueToJSON);
  if (value instanceof MapValue) return mapToJSON(value);
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Optional && value.value !== undefined) return valueToJSON(value.value);
  if (value instanceof ObjectValue && value.toJSON !== undefined) return value.toJSON();
  throw new NotJSONError('value has no JSON form');
}

function mapToJSON(map: MapValue): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const key of map.keys()) {
    if (typeof key !== 'string') throw new NotJSONError('map keys must be strings');
    entries.push([key, valueToJSON(map.find(key)!)]);
  }
  return Object.fromEntries(entries);
}
