/**
 * Merges an applied configuration into the live object
 * (https://github.com/kubernetes-sigs/structured-merge-diff/blob/master/typed/merge.go).
 */

import type { ListSchema, TypeSchema } from '../../runtime/type-schema.ts';
import { setOwn } from '../../util/json.ts';
import { formatPath, type PathElement } from './path-element.ts';
import {
  asList,
  asRecord,
  DEDUCED,
  fieldSchemaOf,
  formOf,
  isEmptyIn,
  itemElement,
  type JSONRecord,
  keysOfBoth,
  TypedValueError,
} from './typed-value.ts';

/**
 * Merges two values; the right one takes precedence. Modifies neither; the result shares parts with both. `undefined`
 * is an absent side. Throws `TypedValueError` if a list on the right contains an item twice.
 */
export function merge(left: unknown, right: unknown, schema: TypeSchema): unknown {
  if (right === undefined) return left;
  if (left === undefined && formOf(schema, right) !== 'list') return right;
  const form = formOf(schema, right);
  if (form === 'leaf' || (isEmptyIn(form, left) && isEmptyIn(form, right))) return right;
  return form === 'map' ? mergeMap(left, right, schema) : mergeList(left, right, schema as ListSchema);
}

function mergeMap(left: unknown, right: unknown, schema: TypeSchema): JSONRecord | undefined {
  const [mine, theirs] = [asRecord(left), asRecord(right)];
  const merged: JSONRecord = {};
  for (const key of keysOfBoth(mine, theirs)) {
    const value = merge(
      Object.hasOwn(mine, key) ? mine[key] : undefined,
      Object.hasOwn(theirs, key) ? theirs[key] : undefined,
      fieldSchemaOf(schema, key) ?? DEDUCED,
    );
    if (value !== undefined) setOwn(merged, key, value);
  }
  return Object.keys(merged).length > 0 ? merged : undefined;
}

interface Indexed {
  readonly elements: readonly PathElement[];
  /** Undefined for a name that occurs more than once; such items aren't merged. */
  readonly byElement: ReadonlyMap<PathElement, unknown>;
}

function index(schema: ListSchema, list: readonly unknown[], repeated: 'tolerated' | 'refused'): Indexed {
  const elements: PathElement[] = [];
  const byElement = new Map<PathElement, unknown>();
  for (const item of list) {
    const element = itemElement(schema, item);
    if (byElement.has(element)) {
      if (repeated === 'refused')
        throw new TypedValueError(`duplicate entries for key ${formatPath([element])}`);
      byElement.set(element, undefined);
    } else byElement.set(element, item);
    elements.push(element);
  }
  return { elements, byElement };
}

/** Items of both sides in the order of the right side; those only on the left stay before the next shared item. */
function mergeList(left: unknown, right: unknown, schema: ListSchema): unknown[] | undefined {
  const items = asList(left);
  const mine = index(schema, items, 'tolerated');
  const theirs = index(schema, asList(right), 'refused');
  const shared = theirs.elements.filter((element) => mine.byElement.has(element));
  let nextShared = 0;
  const merged: unknown[] = [];
  const done = new Set<PathElement>();
  const takeRight = (element: PathElement): void => {
    done.add(element);
    const value = merge(mine.byElement.get(element), theirs.byElement.get(element), schema.element);
    if (value !== undefined) merged.push(value);
    if (shared[nextShared] === element) nextShared++;
  };
  let l = 0;
  let r = 0;
  while (l < mine.elements.length || r < theirs.elements.length) {
    const ours = mine.elements[l];
    const other = theirs.elements[r];
    if (ours !== undefined && other !== undefined) {
      if (ours === other) {
        takeRight(ours);
        l++;
        r++;
        continue;
      }
      if (theirs.byElement.has(ours) && nextShared < shared.length && shared[nextShared] !== ours) {
        // A shared item, which comes later on the right.
        l++;
        continue;
      }
    }
    if (ours !== undefined) {
      if (!theirs.byElement.has(ours)) {
        merged.push(items[l]);
        l++;
        continue;
      }
      if (done.has(ours)) l++;
    }
    if (other !== undefined) {
      takeRight(other);
      r++;
    }
  }
  return merged.length > 0 ? merged : undefined;
}
