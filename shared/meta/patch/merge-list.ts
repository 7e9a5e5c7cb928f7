/** Strategic merge of lists. */

import { formatValue } from '../../runtime/go-format.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';
import type { Pieces } from '../../util/breathe.ts';
import { newPlainError } from '../status-error.ts';
import { asMap, badPatchType, DIRECTIVE, goType, noMergeKey, type PatchMap } from './directives.ts';
import { orderElements } from './element-order.ts';
import { newUnprocessablePatch } from './patch-result.ts';
import { kindOf, type PatchMeta } from './patch-schema.ts';

export type MergeMaps = (original: PatchMap, patch: PatchMap, schema: TypeSchema) => Pieces<PatchMap>;

/** The common type of all elements. Throws if there are several, or if an element is a list. */
export function elementType(...lists: readonly (readonly unknown[])[]): string {
  const types = new Set(lists.flat().map(goType));
  const [type, ...others] = types;
  if (type === undefined) throw newPlainError('no elements in any of the given slices');
  if (type === '[]interface {}') throw newUnprocessablePatch(new Error('lists of lists are not supported'));
  if (others.length > 0 || type === '<nil>') {
    throw newPlainError(`list element types are not identical: ${formatValue(lists)}`);
  }
  return type;
}

/** `meta` is that of the list's field, with the schema of its elements. May modify both lists. */
export function* mergeList(
  original: unknown[],
  patch: unknown[],
  { schema, mergeKey }: PatchMeta,
  mergeMaps: MergeMaps,
): Pieces<unknown[]> {
  if (original.length === 0 && patch.length === 0) return original;
  if (elementType(original, patch) !== 'map[string]interface {}') {
    return orderElements([...new Set([...original, ...patch])], patch, original, '');
  }
  if (mergeKey === '') throw newPlainError(`cannot merge lists without merge key for ${kindOf(schema)}`);
  const directed = followDirectives(original as PatchMap[], patch as PatchMap[], mergeKey);
  const merged = yield* mergeElements(directed.original, directed.patch, mergeKey, (left, right) =>
    mergeMaps(left, right, schema),
  );
  return orderElements(merged, directed.patch, merged.slice(0, directed.original.length), mergeKey);
}

/** Removes elements with directives from `patch`, and those that they delete from `original`. */
function followDirectives(
  original: PatchMap[],
  patch: readonly PatchMap[],
  mergeKey: string,
): { original: PatchMap[]; patch: PatchMap[] } {
  const values: PatchMap[] = [];
  const deleted = new Set<unknown>();
  let replaces = false;
  for (const element of patch) {
    const directive = Object.hasOwn(element, DIRECTIVE) ? element[DIRECTIVE] : undefined;
    if (directive === undefined) values.push(element);
    else if (directive === 'replace') replaces = true;
    else if (directive === 'delete') {
      if (!Object.hasOwn(element, mergeKey)) throw noMergeKey(element, mergeKey);
      deleted.add(element[mergeKey]);
    } else if (directive === 'merge') {
      throw newPlainError('merging lists cannot yet be specified in the patch');
    } else throw badPatchType(directive, element);
  }
  if (replaces) return { original: values, patch: [] };
  const isDeleted = (element: PatchMap): boolean =>
    Object.hasOwn(element, mergeKey) && deleted.has(element[mergeKey]);
  return { original: original.filter((element) => !isDeleted(element)), patch: values };
}

function* mergeElements(
  original: readonly PatchMap[],
  patch: readonly PatchMap[],
  mergeKey: string,
  merge: (original: PatchMap, patch: PatchMap) => Pieces<PatchMap>,
): Pieces<PatchMap[]> {
  const merged = [...original];
  const places = new Map<unknown, number>();
  merged.forEach((element, index) => {
    const key = asMap(element)[mergeKey];
    if (Object.hasOwn(element, mergeKey) && !places.has(key)) places.set(key, index);
  });
  for (const element of patch) {
    if (!Object.hasOwn(element, mergeKey)) throw noMergeKey(element, mergeKey);
    const key = element[mergeKey];
    const place = places.get(key);
    if (place === undefined) {
      places.set(key, merged.length);
      merged.push(element);
    } else merged[place] = yield* merge(merged[place]!, element);
  }
  return merged;
}
