/**
 * `$setElementOrder/FIELD`: merges the lists it refers to and then orders them
 * (https://git.k8s.io/design-proposals-archive/cli/preserve-order-in-strategic-merge-patch.md).
 */

import { formatValue } from '../../runtime/go-format.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';
import type { Pieces } from '../../util/breathe.ts';
import { setOwn } from '../../util/json.ts';
import { newPlainError } from '../status-error.ts';
import {
  asList,
  asMap,
  badSetElementOrder,
  DIRECTIVE,
  fieldOf,
  type PatchMap,
  SET_ELEMENT_ORDER,
  withoutDirectives,
} from './directives.ts';
import { identity, orderElements, requireMergeKeys } from './element-order.ts';
import { elementType, type MergeMaps, mergeList } from './merge-list.ts';
import { lookupList, type PatchMeta } from './patch-schema.ts';

/** Removes the merged lists and the directives from `patch`. */
export function* mergeOrderedLists(
  original: PatchMap,
  patch: PatchMap,
  schema: TypeSchema,
  mergeMaps: MergeMaps,
): Pieces<void> {
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(SET_ELEMENT_ORDER)) continue;
    delete patch[key];
    yield* mergeOrderedList(key, asList(order), { original, patch, schema, mergeMaps });
  }
}

interface Maps {
  readonly original: PatchMap;
  readonly patch: PatchMap;
  readonly schema: TypeSchema;
  readonly mergeMaps: MergeMaps;
}

function* mergeOrderedList(
  key: string,
  order: unknown[],
  { original, patch, schema, mergeMaps }: Maps,
): Pieces<void> {
  const field = fieldOf(key, SET_ELEMENT_ORDER);
  if (field === undefined) throw badSetElementOrder();
  const originalList = Object.hasOwn(original, field) ? asList(original[field]) : undefined;
  const patchList = Object.hasOwn(patch, field) ? asList(patch[field]) : undefined;
  const meta = lookupList(schema, field);
  requireOrder(patchList ?? [], order, meta.mergeKey);
  const merged = yield* mergeEither(originalList, patchList, meta, mergeMaps);
  if (merged === undefined) return;
  elementType(originalList ?? [], patchList ?? []);
  const serverOrder = orderAfterMerge(originalList ?? [], patchList ?? [], meta);
  setOwn(original, field, orderElements(merged, order, serverOrder, meta.mergeKey));
  delete patch[field];
}

function* mergeEither(
  original: unknown[] | undefined,
  patch: unknown[] | undefined,
  meta: PatchMeta,
  mergeMaps: MergeMaps,
): Pieces<unknown[] | undefined> {
  if (patch === undefined) return original;
  if (original === undefined) return withoutDirectives(patch) as unknown[];
  return meta.strategy === 'merge' ? yield* mergeList(original, patch, meta, mergeMaps) : patch;
}

/**
 * In Go, new elements overwrite deleted ones at the end of the original list, whose order then counts as the server's.
 */
function orderAfterMerge(
  original: unknown[],
  patch: unknown[],
  { strategy, mergeKey }: PatchMeta,
): unknown[] {
  if (strategy !== 'merge' || mergeKey === '') return original;
  const identify = identity(mergeKey);
  const has = (element: unknown, directive: string): boolean =>
    (element as PatchMap)[DIRECTIVE] === directive;
  const deleted = new Set(patch.filter((element) => has(element, 'delete')).map(identify));
  const kept = original.filter((element) => !deleted.has(identify(element)));
  if (patch.some((element) => has(element, 'replace'))) return kept;
  const known = new Set(kept.map(identify));
  const added = patch.filter((element) => !has(element, 'delete') && !known.has(identify(element)));
  return [...kept, ...added.slice(0, original.length - kept.length)];
}

/** Throws a 500 without reason unless the elements of the patch occur in the order, in sequence. */
function requireOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (order.length === 0 || patch.length === 0) return;
  const isDirective = (element: unknown, value?: string): boolean =>
    Object.hasOwn(asMap(element), DIRECTIVE) && (value === undefined || asMap(element)[DIRECTIVE] === value);
  const kept = mergeKey === '' ? patch : patch.filter((element) => !isDirective(element, 'delete'));
  const identify = identity(mergeKey);
  let [atPatch, atOrder] = [0, 0];
  while (atPatch < kept.length && atOrder < order.length) {
    const element = kept[atPatch];
    if (typeof element === 'object' && element !== null && isDirective(element)) {
      atPatch++;
      continue;
    }
    if (mergeKey !== '') requireMergeKeys([element, order[atOrder]], mergeKey);
    if (identify(element) === identify(order[atOrder])) atPatch++;
    atOrder++;
  }
  if (atPatch < kept.length) {
    throw newPlainError(
      `The order in patch list:\n${formatValue(patch)}\n doesn't match ${SET_ELEMENT_ORDER} list:\n${formatValue(order)}\n`,
    );
  }
}
