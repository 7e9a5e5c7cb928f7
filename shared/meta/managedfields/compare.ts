/**
 * What differs between two values
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/compare.go).
 */

import type { ListSchema, TypeSchema } from '../../runtime/type-schema.ts';
import { isTimeToLook, type Pieces } from '../../util/breathe.ts';
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

/** No path stands in two of the sets. */
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
 * Sides of two forms are compared in both, each being nothing in the other's. Undefined: it is done, as it is at once
 * with leaves and with what has few of them: to begin what may be left costs more than to compare most values.
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

/** Of sides of which one is absent. */
function walkOne(
  form: Form,
  what: 'added' | 'removed',
  sides: Sides,
  schema: TypeSchema,
  place: Place,
): Pieces<void> | undefined {
  if (!isComparedWhole(form, sides)) tell(place, what);
  return compareAs(form, sides, schema, place);
}

/** One after the other, either of which may be done at once. */
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

/** Where two values stand below others. Its builders are made when there is something to tell: most values are the same. */
interface Below extends Partial<Record<keyof Comparison, FieldSetBuilder>> {
  readonly parent: Place;
  readonly element: PathElement;
}

type Place = Root | Below;

function tell(place: Place, what: keyof Comparison): void {
  if (place.parent !== undefined) builderAt(place.parent, what).add(place.element);
}

/** Values may be as deep as the stack allows: what goes up from below takes none of it. */
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

/** Empty sides are, so that null and empty differ. */
const isComparedWhole = (form: Form, { left, right }: Sides): form is 'leaf' =>
  form === 'leaf' || (isEmptyIn(form, left) && isEmptyIn(form, right));

function compareAs(form: Form, sides: Sides, schema: TypeSchema, place: Place): Pieces<void> | undefined {
  if (isComparedWhole(form, sides)) {
    return compareLeaf(sides, place);
  }
  if (form === 'list') return compareList(sides, schema as ListSchema, place);
  return compareMap(sides, schema, place);
}

/** A leaf may be a whole tree of which only all or nothing is owned. */
function compareLeaf({ left, right }: Sides, place: Place): Pieces<void> | undefined {
  if (left === undefined) tell(place, 'added');
  else if (right === undefined) tell(place, 'removed');
  else if (isContainer(left) && isContainer(right)) return compareTrees(left, right, place);
  else if (!equalJSON(left, right)) tell(place, 'modified');
  return undefined;
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

function* compareTrees(left: object, right: object, place: Place): Pieces<void> {
  if (!(yield* equalInPieces(left, right))) tell(place, 'modified');
}

/** To list so many takes long. */
const MANY_KEYS = 5_000;

/** Two maps, and how far they are compared. */
interface Maps {
  readonly mine: JSONRecord;
  readonly theirs: JSONRecord;
  readonly keys: readonly string[];
  at: number;
}

/** It is time to look whether others wait. */
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

/** Goes on until something is not done at once, which is to be done before the next call; undefined: that was all. */
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
    if (isTimeToLook()) return LOOK;
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
    if (isTimeToLook()) yield;
  }
  return groups;
}

/** Items that share a name are compared as one value, replaced together. */
function* compareList({ left, right }: Sides, schema: ListSchema, parent: Place): Pieces<void> {
  const [mine, theirs] = [yield* grouped(schema, left), yield* grouped(schema, right)];
  for (const element of new Set([...mine.keys(), ...theirs.keys()])) {
    const [a, b] = [mine.get(element) ?? [], theirs.get(element) ?? []];
    const at = { parent, element };
    let rest: Pieces<void> | undefined;
    if (a.length <= 1 && b.length <= 1) rest = walk({ left: a[0], right: b[0] }, schema.element, at);
    else if (a.length >= 2 && b.length >= 2) {
      if (!equalJSON(a, b)) tell(at, 'modified');
    } else if (a.length >= 2) {
      if (b.length > 0) rest = walk({ left: undefined, right: b[0] }, schema.element, at);
      tell(at, 'removed');
    } else {
      if (a.length > 0) rest = walk({ left: a[0], right: undefined }, schema.element, at);
      tell(at, 'added');
    }
    if (rest !== undefined) yield* rest;
    if (isTimeToLook()) yield;
  }
}
