/**
 * Compares two values field by field
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/compare.go).
 */

import type { ListSchema, TypeSchema } from '../../runtime/type-schema.ts';
import { type Pieces, shouldYield } from '../../util/breathe.ts';
import { equalInPieces, equalJSON } from '../../util/json-equal.ts';
import { type FieldSet, FieldSetBuilder } from './field-set.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import {
  asList,
  asRecord,
  DEDUCED,
  type Form,
  fieldSchemaOf,
  formOf,
  isEmptyIn,
  itemElement,
  type JSONRecord,
  keysOfBoth,
} from './typed-value.ts';

/** The sets are disjoint. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Sides {
  readonly left: unknown;
  readonly right: unknown;
}

/** `undefined` is an absent side; null is a value. */
export function* compare(left: unknown, right: unknown, schema: TypeSchema): Pieces<Comparison> {
  const root: Root = {
    added: new FieldSetBuilder(),
    modified: new FieldSetBuilder(),
    removed: new FieldSetBuilder(),
  };
  const rest = walk({ left, right }, schema, root);
  if (rest !== undefined) yield* rest;
  yield;
  return { added: root.added.build(), modified: root.modified.build(), removed: root.removed.build() };
}

/**
 * If the sides have different forms, compares them in both forms, with the other side counting as empty. Returns
 * undefined if the comparison completed synchronously, as for leaves and small values, for which creating a generator
 * would cost more than comparing.
 */
function walk(sides: Sides, schema: TypeSchema, place: Place): Pieces<void> | undefined {
  const { left, right } = sides;
  const mine = formOf(schema, left);
  const theirs = formOf(schema, right);
  if (left === undefined) return walkOne(theirs, 'added', sides, schema, place);
  if (right === undefined) return walkOne(mine, 'removed', sides, schema, place);
  if (mine === theirs) return compareAs(theirs, sides, schema, place);
  return inTurn(compareAs(mine, sides, schema, place), () => compareAs(theirs, sides, schema, place));
}

/** For a side whose counterpart is absent. */
function walkOne(
  form: Form,
  what: 'added' | 'removed',
  sides: Sides,
  schema: TypeSchema,
  place: Place,
): Pieces<void> | undefined {
  if (!isComparedWhole(form, sides)) record(place, what);
  return compareAs(form, sides, schema, place);
}

/** Runs both in sequence; either may complete synchronously. */
function inTurn(
  first: Pieces<void> | undefined,
  second: () => Pieces<void> | undefined,
): Pieces<void> | undefined {
  if (first === undefined) return second();
  return (function* () {
    yield* first;
    const rest = second();
    if (rest !== undefined) yield* rest;
  })();
}

interface Root extends Record<keyof Comparison, FieldSetBuilder> {
  readonly parent?: never;
}

/** The position of nested values. Its builders are created on demand, because most values are equal. */
interface Below extends Partial<Record<keyof Comparison, FieldSetBuilder>> {
  readonly parent: Place;
  readonly element: PathElement;
}

type Place = Root | Below;

function record(place: Place, what: keyof Comparison): void {
  if (place.parent !== undefined) builderAt(place.parent, what).add(place.element);
}

/** Iterates rather than recurses towards the root, because values may be as deep as the stack permits. */
function builderAt(place: Place, what: keyof Comparison): FieldSetBuilder {
  const without: Below[] = [];
  let above = place;
  while (above.parent !== undefined && above[what] === undefined) {
    without.push(above);
    above = above.parent;
  }
  let builder = above[what]!;
  for (const below of without.reverse()) {
    builder = builder.child(below.element);
    below[what] = builder;
  }
  return builder;
}

/** Two empty sides are compared whole, so that null and empty differ. */
const isComparedWhole = (form: Form, { left, right }: Sides): form is 'leaf' =>
  form === 'leaf' || (isEmptyIn(form, left) && isEmptyIn(form, right));

function compareAs(form: Form, sides: Sides, schema: TypeSchema, place: Place): Pieces<void> | undefined {
  if (isComparedWhole(form, sides)) {
    return compareLeaf(sides, place);
  }
  if (form === 'list') return compareList(sides, schema as ListSchema, place);
  return compareMap(sides, schema, place);
}

/** A leaf may be a whole tree that can only be owned as one. */
function compareLeaf({ left, right }: Sides, place: Place): Pieces<void> | undefined {
  if (left === undefined) record(place, 'added');
  else if (right === undefined) record(place, 'removed');
  else if (isContainer(left) && isContainer(right)) return compareTrees(left, right, place);
  else if (!equalJSON(left, right)) record(place, 'modified');
  return undefined;
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

function* compareTrees(left: object, right: object, place: Place): Pieces<void> {
  if (!(yield* equalInPieces(left, right))) record(place, 'modified');
}

/** Listing this many keys takes long. */
const MANY_KEYS = 5_000;

/** Two maps and the progress of their comparison. */
interface Maps {
  readonly mine: JSONRecord;
  readonly theirs: JSONRecord;
  readonly keys: readonly string[];
  at: number;
}

/** Time to yield to the event loop. */
const LOOK = Symbol('look');

function compareMap({ left, right }: Sides, schema: TypeSchema, place: Place): Pieces<void> | undefined {
  const mine = asRecord(left);
  const theirs = asRecord(right);
  const maps = { mine, theirs, keys: keysOfBoth(mine, theirs), at: 0 };
  const pause = maps.keys.length > MANY_KEYS ? LOOK : compareKeys(maps, schema, place);
  return pause === undefined ? undefined : goOn(pause, maps, schema, place);
}

function* goOn(
  first: Pieces<void> | typeof LOOK,
  maps: Maps,
  schema: TypeSchema,
  place: Place,
): Pieces<void> {
  for (let pause: typeof first | undefined = first; pause !== undefined; ) {
    if (pause === LOOK) yield;
    else yield* pause;
    pause = compareKeys(maps, schema, place);
  }
}

/**
 * Compares keys until one doesn't complete synchronously and returns the rest of it, which must be run before the next
 * call; undefined when done.
 */
function compareKeys(maps: Maps, schema: TypeSchema, parent: Place): Pieces<void> | typeof LOOK | undefined {
  const { mine, theirs, keys } = maps;
  while (maps.at < keys.length) {
    const key = keys[maps.at++]!;
    const left = Object.hasOwn(mine, key) ? mine[key] : undefined;
    const right = Object.hasOwn(theirs, key) ? theirs[key] : undefined;
    if (left === undefined && right === undefined) continue;
    const place = { parent, element: fieldElement(key) };
    const rest = walk({ left, right }, fieldSchemaOf(schema, key) ?? DEDUCED, place);
    if (rest !== undefined) return rest;
    if (shouldYield()) return LOOK;
  }
  return undefined;
}

function* grouped(schema: ListSchema, list: unknown): Pieces<Map<PathElement, unknown[]>> {
  const groups = new Map<PathElement, unknown[]>();
  for (const item of asList(list)) {
    const element = itemElement(schema, item);
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
    if (shouldYield()) yield;
  }
  return groups;
}

/** Items with the same name are compared as a single value. */
function* compareList({ left, right }: Sides, schema: ListSchema, parent: Place): Pieces<void> {
  const [mine, theirs] = [yield* grouped(schema, left), yield* grouped(schema, right)];
  for (const element of new Set([...mine.keys(), ...theirs.keys()])) {
    const [a, b] = [mine.get(element) ?? [], theirs.get(element) ?? []];
    const at = { parent, element };
    let rest: Pieces<void> | undefined;
    if (a.length <= 1 && b.length <= 1) rest = walk({ left: a[0], right: b[0] }, schema.element, at);
    else if (a.length >= 2 && b.length >= 2) {
      if (!equalJSON(a, b)) record(at, 'modified');
    } else if (a.length >= 2) {
      if (b.length > 0) rest = walk({ left: undefined, right: b[0] }, schema.element, at);
      record(at, 'removed');
    } else {
      if (a.length > 0) rest = walk({ left: a[0], right: undefined }, schema.element, at);
      record(at, 'added');
    }
    if (rest !== undefined) yield* rest;
    if (shouldYield()) yield;
  }
}
