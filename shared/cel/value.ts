/** Run-time values and the operations common to all of them. */

import { CelError } from './error.ts';
import {
  BOOL,
  BYTES,
  CelType,
  DOUBLE,
  DURATION,
  ERROR,
  INT,
  isDyn,
  LIST,
  MAP,
  NULL,
  opaqueType,
  STRING,
  TIMESTAMP,
  TYPE,
  UINT,
} from './type.ts';

/** `int` is a bigint, `double` a number, `string` a JavaScript string (indexed by code points). */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | ListValue
  | MapValue
  | Optional
  | CelType
  | ObjectValue
  | CelError;

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since the Unix epoch. */
export class Timestamp {
  readonly nanos: bigint;
  /** Offset of the original time zone; used for formatting only. */
  readonly offsetMinutes: number;
  constructor(nanos: bigint, offsetMinutes = 0) {
    this.nanos = nanos;
    this.offsetMinutes = offsetMinutes;
  }
}

/** Nanoseconds. */
export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** `optional_type`; `value` is undefined for `optional.none()`. */
export class Optional {
  static readonly none = new Optional(undefined);
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

/** A list. Subclasses may adapt elements lazily. */
export abstract class ListValue implements Iterable<Value> {
  abstract readonly size: number;
  /** `index` is within the list. */
  abstract get(index: number): Value;

  *[Symbol.iterator](): Iterator<Value> {
    for (let i = 0; i < this.size; i++) yield this.get(i);
  }

  /** `this + other`. */
  concat(other: ListValue): Value {
    return new ArrayList([...this, ...other]);
  }

  /** `this == other`. */
  equals(other: ListValue): boolean | CelError {
    if (this.size !== other.size) return false;
    for (let i = 0; i < this.size; i++) {
      const same = equal(this.get(i), other.get(i));
      if (same !== true) return same;
    }
    return true;
  }

  /** `value in this`. */
  includes(value: Value): boolean | CelError {
    let error: CelError | undefined;
    for (const element of this) {
      const same = equal(element, value);
      if (same === true) return true;
      if (same instanceof CelError) error ??= same;
    }
    return error ?? false;
  }
}

/**
 * A list in memory. The result of `concat` may share its elements with longer lists derived from it, so that a fold
 * that appends one element at a time takes linear time.
 */
export class ArrayList extends ListValue {
  readonly #elements: Value[];
  readonly #shared: boolean;
  readonly size: number;

  /** `shared`: other lists may append to `elements`. */
  constructor(elements: readonly Value[], ownership: 'own' | 'shared' = 'own') {
    super();
    this.#elements = elements as Value[];
    this.#shared = ownership === 'shared';
    this.size = elements.length;
  }
  get(index: number): Value {
    return this.#elements[index]!;
  }
  override concat(other: ListValue): Value {
    const isLongest = this.#shared && this.#elements.length === this.size;
    const elements = isLongest ? this.#elements : this.#elements.slice(0, this.size);
    for (const element of [...other]) elements.push(element);
    return new ArrayList(elements, 'shared');
  }
}

/** A map, or an object accessed through its declared fields. */
export abstract class MapValue {
  abstract readonly size: number;
  abstract keys(): Iterable<Value>;
  /** Undefined when absent. */
  abstract find(key: Value): Value | undefined;

  equals(other: MapValue): boolean | CelError {
    if (this.size !== other.size) return false;
    for (const key of this.keys()) {
      const theirs = other.find(key);
      if (theirs === undefined) return false;
      const same = equal(this.find(key)!, theirs);
      if (same !== true) return same;
    }
    return true;
  }
}

/** Integral numbers of all types are the same key; strings and booleans are distinct keys. */
function mapKey(key: Value): string | bigint | boolean | number | undefined {
  if (typeof key === 'string' || typeof key === 'boolean' || typeof key === 'bigint') return key;
  if (key instanceof Uint) return key.value;
  if (typeof key === 'number') return Number.isInteger(key) ? BigInt(key) : key;
  return undefined;
}

interface Entries {
  readonly list: (readonly [Value, Value])[];
  readonly positions: Map<unknown, number>;
}

/** A map built by an expression. As with lists, maps made by `with` share their entries. */
export class EntryMap extends MapValue {
  readonly #entries: Entries;
  readonly #shared: boolean;
  readonly size: number;

  /** The last of equal keys wins. */
  constructor(entries: Iterable<readonly [Value, Value]> | Entries) {
    super();
    this.#shared = 'list' in entries;
    this.#entries = 'list' in entries ? entries : indexed(entries);
    this.size = this.#entries.list.length;
  }
  *keys(): Iterable<Value> {
    for (let i = 0; i < this.size; i++) yield this.#entries.list[i]![0];
  }
  find(key: Value): Value | undefined {
    const position = this.#entries.positions.get(mapKey(key));
    return position === undefined || position >= this.size ? undefined : this.#entries.list[position]![1];
  }
  /** The map with an additional entry, whose key must be new. */
  with(key: Value, value: Value): EntryMap {
    const isLongest = this.#shared && this.#entries.list.length === this.size;
    const entries = isLongest ? this.#entries : indexed(this.#entries.list.slice(0, this.size));
    entries.positions.set(mapKey(key), entries.list.length);
    entries.list.push([key, value]);
    return new EntryMap(entries);
  }
}

function indexed(entries: Iterable<readonly [Value, Value]>): Entries {
  const list: (readonly [Value, Value])[] = [];
  const positions = new Map<unknown, number>();
  for (const entry of entries) {
    const key = mapKey(entry[0]);
    const position = positions.get(key) ?? list.length;
    positions.set(key, position);
    list[position] = entry;
  }
  return { list, positions };
}

/** A value of an object type: quantities, URLs, addresses, authorizer checks, struct literals. */
export abstract class ObjectValue {
  abstract readonly type: CelType;
  abstract equals(other: Value): boolean | CelError;
  /** The size used for costs; 1 unless overridden. */
  costSize(): number {
    return 1;
  }
  /** Its JSON, if it has a JSON representation. */
  toJSON?(): unknown;
  /** A field of a struct; undefined if it is not set. */
  find(_field: string): Value | undefined {
    return undefined;
  }
}

export function typeOf(value: Value): CelType {
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'bigint':
      return INT;
    case 'boolean':
      return BOOL;
    case 'number':
      return DOUBLE;
    default:
  }
  if (value === null) return NULL;
  if (value instanceof MapValue) return MAP;
  if (value instanceof ListValue) return LIST;
  if (value instanceof ObjectValue) return value.type;
  if (value instanceof Timestamp) return TIMESTAMP;
  if (value instanceof Duration) return DURATION;
  if (value instanceof Optional) return OPTIONAL;
  if (value instanceof Uint) return UINT;
  if (value instanceof Uint8Array) return BYTES;
  if (value instanceof CelType) return TYPE;
  return ERROR;
}

const OPTIONAL = opaqueType('optional_type');

/** Whether a value is assignable to a declared argument type; containers are checked by their first element. */
export function isAssignable(type: CelType, value: Value): boolean {
  if (type.kind === 'typeParam' || isDyn(type)) return true;
  const actual = typeOf(value);
  if (type.kind !== actual.kind || type.name !== actual.name) return false;
  if (value instanceof ListValue) return value.size === 0 || isAssignable(type.params[0]!, value.get(0));
  if (value instanceof MapValue) {
    for (const key of value.keys()) {
      return isAssignable(type.params[0]!, key) && isAssignable(type.params[1]!, value.find(key)!);
    }
  }
  return true;
}

/** Orders numbers of any type by their mathematical value; NaN yields an error. */
function compareNumbers(a: bigint | number | Uint, b: bigint | number | Uint): -1 | 0 | 1 | CelError {
  const x = a instanceof Uint ? a.value : a;
  const y = b instanceof Uint ? b.value : b;
  if (Number.isNaN(x) || Number.isNaN(y)) return new CelError('NaN values cannot be ordered');
  return x < y ? -1 : x > y ? 1 : 0;
}

function isNumber(value: Value): value is bigint | number | Uint {
  return typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;
}

/** Compares by code points, the order of UTF-8 bytes. */
function compareStrings(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue;
    const isTail = i > 0 && isLowSurrogate(a.charCodeAt(i)) && isLowSurrogate(b.charCodeAt(i));
    const at = isTail ? i - 1 : i;
    return a.codePointAt(at)! < b.codePointAt(at)! ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** Compares two values of a comparable type; undefined if they are not comparable. */
export function compare(a: Value, b: Value): -1 | 0 | 1 | CelError | undefined {
  if (isNumber(a)) return isNumber(b) ? compareNumbers(a, b) : undefined;
  if (typeof a === 'string') return typeof b === 'string' ? compareStrings(a, b) : undefined;
  if (typeof a === 'boolean') {
    if (typeof b !== 'boolean') return undefined;
    return a === b ? 0 : a ? 1 : -1;
  }
  if (a instanceof Timestamp && b instanceof Timestamp) return compareNumbers(a.nanos, b.nanos);
  if (a instanceof Duration && b instanceof Duration) return compareNumbers(a.nanos, b.nanos);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  return undefined;
}

/** Whether `<` and similar operators are defined for the type of this value. */
export function isComparable(value: Value): boolean {
  return (
    isNumber(value) ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    value instanceof Timestamp ||
    value instanceof Duration ||
    value instanceof Uint8Array
  );
}

/** `a == b`: values of different types are unequal, numbers compare across types. */
export function equal(a: Value, b: Value): boolean | CelError {
  if (a instanceof CelError) return a;
  if (b instanceof CelError) return b;
  if (isNumber(a)) return isNumber(b) && compareNumbers(a, b) === 0;
  if (a === null || typeof a !== 'object') return a === b;
  if (a instanceof MapValue) return b instanceof MapValue && a.equals(b);
  if (a instanceof ListValue) return b instanceof ListValue && a.equals(b);
  if (a instanceof ObjectValue) return a.equals(b);
  if (b instanceof ObjectValue) return b.equals(a);
  if (a instanceof Optional) {
    if (!(b instanceof Optional)) return false;
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equal(a.value, b.value);
  }
  if (a instanceof CelType) return b instanceof CelType && a.kind === b.kind && a.name === b.name;
  return compare(a, b) === 0;
}

/** 0001-01-01T00:00:00Z. */
const GO_ZERO_TIME = -62_135_596_800_000_000_000n;

/** The empty value of its type, or null. */
export function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === 0n || value === '') return true;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof ListValue || value instanceof MapValue) return value.size === 0;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Timestamp) return value.nanos === GO_ZERO_TIME;
  if (value instanceof Optional) return value.value === undefined;
  return false;
}

/** Code points. */
export function stringSize(value: string): number {
  let size = value.length;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= 0xd800 && code <= 0xdbff) size--;
  }
  return size;
}

/** The size charged when an operation traverses the value. */
export function costSize(value: Value): number {
  if (typeof value === 'string') return stringSize(value);
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof ObjectValue) return value.costSize();
  if (value instanceof Optional && value.value !== undefined) return costSize(value.value);
  return 1;
}

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

export function isInt64(value: bigint): boolean {
  return value >= MIN_INT && value <= MAX_INT;
}

export function isUint64(value: bigint): boolean {
  return value >= 0n && value <= MAX_UINT;
}

/** A list of strings as a value. */
export function stringList(strings: readonly string[]): ListValue {
  return new ArrayList(strings);
}
