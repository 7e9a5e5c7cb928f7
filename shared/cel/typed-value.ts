/**
 * Adapts JSON to values by a schema: formats become times, lists merge by their list type, property names are escaped
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/common/valuesunstructured.go).
 */

import { isDeepStrictEqual } from 'node:util';
import { quote } from '../runtime/go-format.ts';
import { amountsIn } from '../util/amounts.ts';
import { stringifyJSON } from '../util/exact-json.ts';
import { integerOf } from '../util/integers.ts';
import { CelError, NO_SUCH_OVERLOAD } from './error.ts';
import { escapeName, unescapeName } from './escaping.ts';
import { parseDuration, parseRFC3339, writtenOffset } from './library/time.ts';
import { type CelSchema, propertyOf, valuesOf, withTypeAndObjectMeta } from './schema.ts';
import { type CelType, ERROR } from './type.ts';
import {
  ArrayList,
  Duration,
  equal,
  ListValue,
  MapValue,
  ObjectValue,
  Timestamp,
  type Value,
} from './value.ts';

type JSONRecord = Readonly<Record<string, unknown>>;

function isRecord(json: unknown): json is JSONRecord {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Go's name for the type of a JSON value in messages. */
function goType(json: unknown): string {
  if (json === null) return '<nil>';
  if (Array.isArray(json)) return '[]interface {}';
  switch (typeof json) {
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(json) ? 'int64' : 'float64';
    case 'bigint':
      return BigInt.asIntN(64, json as bigint) === json ? 'int64' : 'float64';
    case 'object':
      return 'map[string]interface {}';
    default:
      return typeof json;
  }
}

/** The value of `json` under `schema`. Adapts lazily; the JSON must not change afterwards. */
export function typedValue(json: unknown, schema: CelSchema): Value {
  if (json === null || json === undefined) {
    return schema.nullable ? null : new CelError('invalid data, got null for schema with nullable=false');
  }
  if (schema['x-kubernetes-int-or-string']) {
    if (typeof json === 'string') return json;
    if (typeof json === 'bigint') return json;
    if (Number.isInteger(json)) return BigInt(json as number);
    return new CelError('invalid data, expected XIntOrString value to be either a string or integer');
  }
  switch (schema.type) {
    case 'object':
      if (isRecord(json)) return new TypedMap(json, schema);
      return new CelError('invalid data, expected a map for the provided schema with type=object');
    case 'array':
      return typedList(json, schema);
    case 'string':
      return typedString(json, schema);
    case 'number':
      if (typeof json === 'number') return json;
      if (typeof json === 'bigint') return Number(json);
      return new CelError(`invalid data, expected float, got ${goType(json)}`);
    case 'integer':
      if (typeof json === 'bigint') return json;
      if (Number.isInteger(json)) return BigInt(json as number);
      return new CelError(`invalid data, expected int, got ${goType(json)}`);
    case 'boolean':
      if (typeof json === 'boolean') return json;
      return new CelError(`invalid data, expected bool, got ${goType(json)}`);
    default:
  }
  if (schema['x-kubernetes-preserve-unknown-fields']) return new PreservedValue(json);
  return new CelError(
    `invalid type, expected object, array, number, integer, boolean or string, or no type with x-kubernetes-int-or-string or x-kubernetes-preserve-unknown-fields is true, got ${schema.type ?? ''}`,
  );
}

function typedString(json: unknown, schema: CelSchema): Value {
  if (typeof json !== 'string') return new CelError(`invalid data, expected string, got ${goType(json)}`);
  switch (schema.format) {
    case 'duration': {
      const nanos = parseSchemaDuration(json);
      return nanos === undefined
        ? new CelError(`Invalid duration ${json}: unable to parse ${quote(json)} as duration`)
        : new Duration(nanos);
    }
    case 'date': {
      const nanos = parseRFC3339(`${json}T00:00:00Z`);
      return nanos === undefined
        ? new CelError(`Invalid date formatted string ${json}`)
        : new Timestamp(nanos);
    }
    case 'date-time': {
      const nanos = parseSchemaDateTime(json);
      return nanos === undefined
        ? new CelError(`Invalid date-time formatted string ${json}`)
        : new Timestamp(nanos, writtenOffset(json));
    }
    case 'byte':
      if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(json)) {
        return new Uint8Array(Buffer.from(json, 'base64'));
      }
      return new CelError(`Invalid byte formatted string ${json}`);
    default:
      return json;
  }
}

/** Units of OpenAPI durations, some of which Go lacks. */
const LONG_UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};

const UNIT_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(?:ns|nano|nanosecond|nanoseconds|nanos)$/, 'ns'],
  [/^(?:us|µs|micro|micros|microsecond|microseconds)$/, 'us'],
  [/^(?:ms|milli|millis|millisecond|milliseconds)$/, 'ms'],
  [/^(?:s|sec|secs|second|seconds)$/, 's'],
  [/^(?:m|min|mins|minute|minutes)$/, 'm'],
  [/^(?:h|hr|hrs|hour|hours)$/, 'h'],
  [/^(?:d|day|days)$/, 'd'],
  [/^(?:w|wk|wks|week|weeks)$/, 'w'],
];

/** Parses Go's durations and forms such as `3 days`, as go-openapi does. */
function parseSchemaDuration(text: string): bigint | undefined {
  const go = parseDuration(text);
  if (go !== undefined) return go;
  let total = 0n;
  let found = false;
  for (const { amount, word } of amountsIn(text)) {
    const unit = UNIT_NAMES.find(([pattern]) => pattern.test(word))?.[1];
    if (unit === undefined) return undefined;
    const whole = integerOf(amount);
    if (whole === undefined) return undefined;
    total += whole * LONG_UNITS[unit]!;
    found = true;
  }
  return found ? total : undefined;
}

/** Parses RFC 3339 and the variants that go-openapi accepts: lower case, a space, no colon in the zone, no zone. */
function parseSchemaDateTime(text: string): bigint | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[tT ](\d\d:\d\d:\d\d(?:\.\d+)?)(?:([zZ])|([+-]\d\d):?(\d\d))?$/.exec(text);
  if (match === null) return undefined;
  const zone = match[4] === undefined ? 'Z' : `${match[4]}:${match[5]}`;
  return parseRFC3339(`${match[1]}T${match[2]}${zone}`);
}

/** An object or a map. Objects expose their declared fields under escaped names; null fields are absent. */
class TypedMap extends MapValue {
  readonly record: JSONRecord;
  #size: number | undefined;
  readonly #schema: CelSchema;
  readonly #isObject: boolean;

  constructor(record: JSONRecord, schema: CelSchema) {
    super();
    this.record = record;
    this.#schema = schema['x-kubernetes-embedded-resource'] ? withTypeAndObjectMeta(schema) : schema;
    this.#isObject = this.#schema.properties !== undefined;
  }
  get size(): number {
    this.#size ??= Object.keys(this.record).length;
    return this.#size;
  }
  #schemaOf(property: string): CelSchema | undefined {
    return this.#isObject ? propertyOf(this.#schema, property) : valuesOf(this.#schema);
  }
  *keys(): Iterable<Value> {
    for (const property of Object.keys(this.record)) {
      if (this.#schemaOf(property) === undefined) continue;
      yield this.#isObject ? (escapeName(property) ?? property) : property;
    }
  }
  find(key: Value): Value | undefined {
    if (typeof key !== 'string') return NO_SUCH_OVERLOAD;
    const property = this.#isObject ? unescapeName(key) : key;
    return property === undefined ? undefined : this.#property(property);
  }
  #property(property: string): Value | undefined {
    if (!Object.hasOwn(this.record, property)) return undefined;
    const json = this.record[property];
    const schema = this.#schemaOf(property);
    if (schema === undefined || (this.#isObject && (json === null || json === undefined))) return undefined;
    return typedValue(json, schema);
  }
  override equals(other: MapValue): boolean | CelError {
    if (!(other instanceof TypedMap)) return super.equals(other);
    if (this.size !== other.size) return false;
    for (const property of Object.keys(this.record)) {
      const same =
        this.#schemaOf(property) === undefined
          ? isDeepStrictEqual(this.record[property], other.record[property])
          : this.#sameProperty(property, other);
      if (same !== true) return same;
    }
    return true;
  }
  #sameProperty(property: string, other: TypedMap): boolean | CelError {
    const [mine, theirs] = [this.#property(property), other.#property(property)];
    if (mine === undefined || theirs === undefined) return mine === theirs;
    return equal(mine, theirs);
  }
}

class TypedList extends ListValue {
  readonly elements: readonly unknown[];
  readonly items: CelSchema;
  constructor(elements: readonly unknown[], items: CelSchema) {
    super();
    this.elements = elements;
    this.items = items;
  }
  get size(): number {
    return this.elements.length;
  }
  get(index: number): Value {
    return typedValue(this.elements[index], this.items);
  }
}

/** The identity of a set element: the value of a scalar, the JSON of anything else. */
function setKey(value: Value): unknown {
  if (value instanceof Timestamp || value instanceof Duration) return value.nanos;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (value instanceof TypedMap) return stringifyJSON(value.record);
  if (value instanceof TypedList) return stringifyJSON(value.elements);
  return value;
}

/** x-kubernetes-list-type=set: equality ignores order, `+` is a union. */
class SetList extends ListValue {
  readonly #elements: ListValue;
  constructor(elements: ListValue) {
    super();
    this.#elements = elements;
  }
  get size(): number {
    return this.#elements.size;
  }
  get(index: number): Value {
    return this.#elements.get(index);
  }
  override equals(other: ListValue): boolean | CelError {
    if (this.size !== other.size) return false;
    const mine = new Set(Array.from(this, setKey));
    return [...other].every((element) => mine.has(setKey(element)));
  }
  override concat(other: ListValue): Value {
    const elements = [...this];
    const seen = new Set(elements.map(setKey));
    for (const element of other) {
      const key = setKey(element);
      if (seen.has(key)) continue;
      seen.add(key);
      elements.push(element);
    }
    return new SetList(new ArrayList(elements));
  }
}

/** x-kubernetes-list-type=map: elements are identified by their keys; `+` replaces elements with the same keys. */
class KeyedList extends ListValue {
  readonly #elements: ListValue;
  readonly #keys: readonly string[];
  /** `keys` are escaped names. */
  constructor(elements: ListValue, keys: readonly string[]) {
    super();
    this.#elements = elements;
    this.#keys = keys;
  }
  get size(): number {
    return this.#elements.size;
  }
  get(index: number): Value {
    return this.#elements.get(index);
  }
  #keyOf(element: Value): string {
    const parts =
      element instanceof MapValue ? this.#keys.map((key) => setKey(element.find(key) ?? null)) : [];
    return parts.map((part) => `${typeof part}:${String(part)}`).join('\0');
  }
  override equals(other: ListValue): boolean | CelError {
    if (this.size !== other.size) return false;
    const mine = new Map(Array.from(this, (element) => [this.#keyOf(element), element] as const));
    for (const element of other) {
      const counterpart = mine.get(this.#keyOf(element));
      if (counterpart === undefined) return false;
      const same = equal(counterpart, element);
      if (same !== true) return same;
    }
    return true;
  }
  override concat(other: ListValue): Value {
    const elements = [...this];
    const positions = new Map(elements.map((element, i) => [this.#keyOf(element), i] as const));
    for (const element of other) {
      const key = this.#keyOf(element);
      const position = positions.get(key) ?? elements.length;
      positions.set(key, position);
      elements[position] = element;
    }
    return new KeyedList(new ArrayList(elements), this.#keys);
  }
}

function typedList(json: unknown, schema: CelSchema): Value {
  if (!Array.isArray(json)) {
    return new CelError('invalid data, expected an array for the provided schema with type=array');
  }
  const { items } = schema;
  if (items === undefined) return new CelError('invalid array type, expected Items with a non-empty Schema');
  switch (schema['x-kubernetes-list-type']) {
    case 'map':
      return new KeyedList(
        new TypedList(json, items),
        (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => escapeName(key) ?? key),
      );
    case 'set':
      return new SetList(new TypedList(json, items));
    case undefined:
    case '':
    case 'atomic':
      return new TypedList(json, items);
    default:
      return new CelError(
        `invalid x-kubernetes-list-type, expected 'map', 'set' or 'atomic' but got ${schema['x-kubernetes-list-type']}`,
      );
  }
}

/** Data without a schema within data that has one: it can only be compared. */
class PreservedValue extends ObjectValue {
  readonly type: CelType = ERROR;
  readonly #json: unknown;
  constructor(json: unknown) {
    super();
    this.#json = json;
  }
  equals(other: Value): boolean {
    return other instanceof PreservedValue && isDeepStrictEqual(this.#json, other.#json);
  }
}
