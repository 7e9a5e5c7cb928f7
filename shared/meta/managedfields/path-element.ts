/**
 * One step of a field path in FieldsV1 notation: `f:name` for a field or map key, `k:{...}` for a list item by its
 * keys, `v:...` for a set item by its value, `i:0` for an index
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/fieldpath/serialize-pe.go). The notation is
 * canonical, so that equal elements are equal strings.
 */

import { quote } from '../../runtime/go-format.ts';
import { BoundedCache } from '../../util/bounded-cache.ts';
import { type Pieces, shouldYield } from '../../util/breathe.ts';
import { parseJSON, stringifyJSON } from '../../util/exact-json.ts';
import { sortInPieces } from '../../util/sort-in-pieces.ts';

export type PathElement = string;

/** From the root to a field. */
export type Path = readonly PathElement[];

export const fieldElement = (name: string): PathElement => `f:${name}`;
export const valueElement = (value: unknown): PathElement => `v:${stringifyJSON(value)}`;

/** `keys` may be in any order. */
export function keyElement(keys: readonly (readonly [string, unknown])[]): PathElement {
  const sorted = keys.length === 1 ? keys : [...keys].sort(([a], [b]) => (a < b ? -1 : 1));
  return `k:{${sorted.map(keyText).join(',')}}`;
}

const keyText = ([name, value]: readonly [string, unknown]): string =>
  `${JSON.stringify(name)}:${stringifyJSON(value)}`;

export const isFieldElement = (element: PathElement): boolean => element.startsWith('f:');
export const fieldNameOf = (element: PathElement): string => element.slice(2);

const KINDS = 'fkvi';

/** Cache of canonical forms of key elements: every write parses the same few. */
const canonical = new BoundedCache<string, PathElement>({ max: 1_000 });
/** Longer ones are not cached. */
const MAX_CANONICAL_LENGTH = 100;

function canonicalKeyElement(text: string): PathElement {
  const known = canonical.get(text);
  if (known !== undefined) return known;
  const element = keyElement(Object.entries(parseJSON(text.slice(2)) as object));
  if (text.length <= MAX_CANONICAL_LENGTH) canonical.set(text, element);
  return element;
}

/** Converts an element to its canonical form. Throws for an invalid element. */
export function parsePathElement(text: string): PathElement {
  if (text[1] !== ':' || !KINDS.includes(text[0]!))
    throw new Error(`missing or unknown path element type in ${quote(text)}`);
  if (text[0] === 'k') return canonicalKeyElement(text);
  if (text[0] === 'v') return valueElement(parseJSON(text.slice(2)));
  if (text[0] === 'i' && !/^i:\d+$/.test(text)) throw new Error(`invalid index in ${quote(text)}`);
  return text;
}

function compareScalars(a: unknown, b: unknown): number {
  if (typeof a === typeof b || (isNumeric(a) && isNumeric(b))) {
    return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
  }
  return rankOf(a) - rankOf(b);
}

const isNumeric = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';
const rankOf = (value: unknown): number => (isNumeric(value) ? 0 : typeof value === 'string' ? 1 : 2);

/** A parsed element. */
interface ReadElement {
  readonly element: PathElement;
  readonly kind: number;
  /** Undefined for a field; the keys for an item identified by keys. */
  readonly value: unknown;
}

/** Cache of parsed key elements, which every write sorts. */
const readKeys = new BoundedCache<PathElement, ReadElement>({ max: 1_000 });

function readElement(element: PathElement): ReadElement {
  const known = readKeys.get(element);
  if (known !== undefined) return known;
  const value = isFieldElement(element) ? undefined : parseJSON(element.slice(2));
  const isKeyed = element[0] === 'k';
  const kind = KINDS.indexOf(element[0]!);
  const read = { element, kind, value: isKeyed ? Object.entries(value as object) : value };
  if (isKeyed && element.length <= MAX_CANONICAL_LENGTH) readKeys.set(element, read);
  return read;
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Sorts elements in FieldsV1 order: fields, keys, values, indexes. Parses each one once. */
export function* sortPathElements(elements: Iterable<PathElement>): Pieces<PathElement[]> {
  const all = [...elements];
  // The common case: fields sort by their text.
  if (all.every(isFieldElement)) return yield* sortInPieces(all, compareTexts);
  const read: ReadElement[] = [];
  for (const element of all) {
    read.push(readElement(element));
    if (shouldYield()) yield;
  }
  return (yield* sortInPieces(read, compareElements)).map(({ element }) => element);
}

function compareElements(a: ReadElement, b: ReadElement): number {
  if (a.element === b.element) return 0;
  if (a.kind !== b.kind) return a.kind - b.kind;
  if (a.value === undefined) return a.element < b.element ? -1 : 1;
  if (a.element[0] !== 'k') return compareScalars(a.value, b.value);
  const [mine, yours] = [a.value as [string, unknown][], b.value as [string, unknown][]];
  for (let i = 0; i < Math.min(mine.length, yours.length); i++) {
    const [[name, value], [otherName, otherValue]] = [mine[i]!, yours[i]!];
    if (name !== otherName) return name < otherName ? -1 : 1;
    const order = compareScalars(value, otherValue);
    if (order !== 0) return order;
  }
  return mine.length - yours.length;
}

/** Excludes numbers beyond double precision, which are objects too. */
const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** Values that a key can't have are also formatted, like `value.ToString` does. */
function formatScalar(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatScalar).join(',')}]`;
  if (isPlainObject(value)) {
    return Object.entries(value)
      .map(([name, member]) => `${name}=${formatScalar(member)}`)
      .join('');
  }
  return typeof value === 'string' ? quote(value) : stringifyJSON(value);
}

/** The format of a path in messages: `.spec.containers[name="a"].image`. */
export function formatPath(path: Path): string {
  return path
    .map((element) => {
      const text = element.slice(2);
      if (element[0] === 'f') return `.${text}`;
      if (element[0] === 'i') return `[${text}]`;
      if (element[0] === 'v') return `[=${formatScalar(parseJSON(text))}]`;
      const keys = Object.entries(parseJSON(text) as object);
      return `[${keys.map(([name, value]) => `${name}=${formatScalar(value)}`).join(',')}]`;
    })
    .join('');
}
