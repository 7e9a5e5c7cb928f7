/**
 * What differs between two values
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/compare.go).
 */

import type { ListSchema, TypeSchema } from '../../runtime/type-schema.ts';
import { equalJSON } from '../../util/json-equal.ts';
import { type FieldSet, FieldSetBuilder } from './field-set.ts';
import { fieldElement, type Path, type PathElement } from './path-element.ts';
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
  walk({ left, right }, schema, [], builders);
  return {
    added: builders.added.build(),
    modified: builders.modified.build(),
    removed: builders.removed.build(),
  };
}

/** Sides of two forms are compared in both, each being nothing in the other's. */
function walk(sides: Sides, schema: TypeSchema, path: Path, out: Builders): void {
  const { left, right } = sides;
  const [mine, theirs] = [formOf(schema, left), formOf(schema, right)];
  if (left === undefined) {
    if (!compareAs(theirs, sides, { schema, path, out })) out.added.insert(path);
  } else if (right === undefined) {
    if (!compareAs(mine, sides, { schema, path, out })) out.removed.insert(path);
  } else {
    if (mine !== theirs) compareAs(mine, sides, { schema, path, out });
    compareAs(theirs, sides, { schema, path, out });
  }
}

interface Place {
  readonly schema: TypeSchema;
  readonly path: Path;
  readonly out: Builders;
}

/** Whether the sides were compared whole. Empty ones are, so that null and empty differ. */
function compareAs(form: Form, sides: Sides, { schema, path, out }: Place): boolean {
  if (form === 'leaf' || (isEmptyIn(form, sides.left) && isEmptyIn(form, sides.right))) {
    compareLeaf(sides, path, out);
    return true;
  }
  if (form === 'map') compareMap(sides, schema, path, out);
  else compareList(sides, schema as ListSchema, path, out);
  return false;
}

function compareLeaf({ left, right }: Sides, path: Path, out: Builders): void {
  if (left === undefined) out.added.insert(path);
  else if (right === undefined) out.removed.insert(path);
  else if (!equalJSON(left, right)) out.modified.insert(path);
}

function compareMap({ left, right }: Sides, schema: TypeSchema, path: Path, out: Builders): void {
  const [mine, theirs] = [asRecord(left), asRecord(right)];
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const sides = {
      left: Object.hasOwn(mine, key) ? mine[key] : undefined,
      right: Object.hasOwn(theirs, key) ? theirs[key] : undefined,
    };
    if (sides.left === undefined && sides.right === undefined) continue;
    walk(sides, fieldSchemaOf(schema, key) ?? DEDUCED, [...path, fieldElement(key)], out);
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
function compareList({ left, right }: Sides, schema: ListSchema, path: Path, out: Builders): void {
  const [mine, theirs] = [grouped(schema, left), grouped(schema, right)];
  for (const element of new Set([...mine.keys(), ...theirs.keys()])) {
    const [a, b] = [mine.get(element) ?? [], theirs.get(element) ?? []];
    const at = [...path, element];
    if (a.length <= 1 && b.length <= 1) walk({ left: a[0], right: b[0] }, schema.element, at, out);
    else if (a.length >= 2 && b.length >= 2) {
      if (!equalJSON(a, b)) out.modified.insert(at);
    } else if (a.length >= 2) {
      if (b.length > 0) walk({ left: undefined, right: b[0] }, schema.element, at, out);
      out.removed.insert(at);
    } else {
      if (a.length > 0) walk({ left: a[0], right: undefined }, schema.element, at, out);
      out.added.insert(at);
    }
  }
}
