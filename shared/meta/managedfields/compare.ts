/**
 * What differs between two values
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/compare.go).
 */

import type { ListSchema, TypeSchema } from '../../runtime/type-schema.ts';
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
} from './typed-value.ts';

/** No path stands in two of the sets. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Builders {
  readonly added: FieldSetBuilder;
  readonly modified: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
}

interface Sides {
  readonly left: unknown;
  readonly right: unknown;
}

/** `undefined` is an absent side; null is a value. */
export function compare(left: unknown, right: unknown, schema: TypeSchema): Comparison {
  const builders = {
    added: new FieldSetBuilder(),
    modified: new FieldSetBuilder(),
    removed: new FieldSetBuilder(),
  };
  walk({ left, right }, schema, { out: builders });
  return {
    added: builders.added.build(),
    modified: builders.modified.build(),
    removed: builders.removed.build(),
  };
}

/** Sides of two forms are compared in both, each being nothing in the other's. */
function walk(sides: Sides, schema: TypeSchema, place: Place): void {
  const { left, right } = sides;
  const [mine, theirs] = [formOf(schema, left), formOf(schema, right)];
  if (left === undefined) {
    if (!compareAs(theirs, sides, schema, place)) tell(place, 'added');
  } else if (right === undefined) {
    if (!compareAs(mine, sides, schema, place)) tell(place, 'removed');
  } else {
    if (mine !== theirs) compareAs(mine, sides, schema, place);
    compareAs(theirs, sides, schema, place);
  }
}

/** Where two values stand: below builders, by an element; without one they are the root. */
interface Place {
  readonly out: Builders;
  readonly element?: PathElement;
}

function tell({ out, element }: Place, what: keyof Builders): void {
  if (element !== undefined) out[what].add(element);
}

function below({ out, element }: Place): Builders {
  if (element === undefined) return out;
  return {
    added: out.added.child(element),
    modified: out.modified.child(element),
    removed: out.removed.child(element),
  };
}

/** Whether the sides were compared whole. Empty ones are, so that null and empty differ. */
function compareAs(form: Form, sides: Sides, schema: TypeSchema, place: Place): boolean {
  if (form === 'leaf' || (isEmptyIn(form, sides.left) && isEmptyIn(form, sides.right))) {
    compareLeaf(sides, place);
    return true;
  }
  if (form === 'map') compareMap(sides, schema, below(place));
  else compareList(sides, schema as ListSchema, below(place));
  return false;
}

function compareLeaf({ left, right }: Sides, place: Place): void {
  if (left === undefined) tell(place, 'added');
  else if (right === undefined) tell(place, 'removed');
  else if (!equalJSON(left, right)) tell(place, 'modified');
}

function compareMap({ left, right }: Sides, schema: TypeSchema, out: Builders): void {
  const [mine, theirs] = [asRecord(left), asRecord(right)];
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const sides = {
      left: Object.hasOwn(mine, key) ? mine[key] : undefined,
      right: Object.hasOwn(theirs, key) ? theirs[key] : undefined,
    };
    if (sides.left === undefined && sides.right === undefined) continue;
    walk(sides, fieldSchemaOf(schema, key) ?? DEDUCED, { out, element: fieldElement(key) });
  }
}

function grouped(schema: ListSchema, list: unknown): Map<PathElement, unknown[]> {
  const groups = new Map<PathElement, unknown[]>();
  for (const item of asList(list)) {
    const element = itemElement(schema, item);
    const group = groups.get(element);
    if (group === undefined) groups.set(element, [item]);
    else group.push(item);
  }
  return groups;
}

/** Items that share a name are compared as one value, replaced together. */
function compareList({ left, right }: Sides, schema: ListSchema, out: Builders): void {
  const [mine, theirs] = [grouped(schema, left), grouped(schema, right)];
  for (const element of new Set([...mine.keys(), ...theirs.keys()])) {
    const [a, b] = [mine.get(element) ?? [], theirs.get(element) ?? []];
    const at = { out, element };
    if (a.length <= 1 && b.length <= 1) walk({ left: a[0], right: b[0] }, schema.element, at);
    else if (a.length >= 2 && b.length >= 2) {
      if (!equalJSON(a, b)) tell(at, 'modified');
    } else if (a.length >= 2) {
      if (b.length > 0) walk({ left: undefined, right: b[0] }, schema.element, at);
      tell(at, 'removed');
    } else {
      if (a.length > 0) walk({ left: a[0], right: undefined }, schema.element, at);
      tell(at, 'added');
    }
  }
}
