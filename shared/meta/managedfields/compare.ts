/**
 * What differs between two values
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/compare.go).
 */

import type { ListSchema, TypeSchema } from '../../runtime/type-schema.ts';
import { isTimeToLook, type Pieces } from '../../util/breathe.ts';
import { equalJSON } from '../../util/json-equal.ts';
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
 * with leaves.
 */
function walk(sides: Sides, schema: TypeSchema, place: Place): Pieces<void> | undefined {
  const { left, right } = sides;
  const [mine, theirs] = [formOf(schema, left), formOf(schema, right)];
  const isLeaf = (form: Form, side: unknown): boolean => side === undefined || form === 'leaf';
  if (!isLeaf(mine, left) || !isLeaf(theirs, right))
    return walkInto({ ...sides, mine, theirs }, schema, place);
  compareLeaf(sides, place);
  return undefined;
}

function* walkInto(
  { mine, theirs, ...sides }: Sides & { readonly mine: Form; readonly theirs: Form },
  schema: TypeSchema,
  place: Place,
): Pieces<void> {
  if (sides.left === undefined) {
    if (!(yield* compareAs(theirs, sides, schema, place))) tell(place, 'added');
  } else if (sides.right === undefined) {
    if (!(yield* compareAs(mine, sides, schema, place))) tell(place, 'removed');
  } else {
    if (mine !== theirs) yield* compareAs(mine, sides, schema, place);
    yield* compareAs(theirs, sides, schema, place);
  }
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

/** Whether the sides were compared whole. Empty ones are, so that null and empty differ. */
function* compareAs(form: Form, sides: Sides, schema: TypeSchema, place: Place): Pieces<boolean> {
  if (form === 'leaf' || (isEmptyIn(form, sides.left) && isEmptyIn(form, sides.right))) {
    compareLeaf(sides, place);
    return true;
  }
  if (form === 'map') yield* compareMap(sides, schema, place);
  else yield* compareList(sides, schema as ListSchema, place);
  return false;
}

function compareLeaf({ left, right }: Sides, place: Place): void {
  if (left === undefined) tell(place, 'added');
  else if (right === undefined) tell(place, 'removed');
  else if (!equalJSON(left, right)) tell(place, 'modified');
}

/** To list so many takes long. */
const MANY_KEYS = 5_000;

function* compareMap({ left, right }: Sides, schema: TypeSchema, parent: Place): Pieces<void> {
  const [mine, theirs] = [asRecord(left), asRecord(right)];
  const keys = keysOfBoth(mine, theirs);
  if (keys.length > MANY_KEYS) yield;
  for (const key of keys) {
    const sides = {
      left: Object.hasOwn(mine, key) ? mine[key] : undefined,
      right: Object.hasOwn(theirs, key) ? theirs[key] : undefined,
    };
    if (sides.left === undefined && sides.right === undefined) continue;
    const rest = walk(sides, fieldSchemaOf(schema, key) ?? DEDUCED, { parent, element: fieldElement(key) });
    if (rest !== undefined) yield* rest;
    if (isTimeToLook()) yield;
  }
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
