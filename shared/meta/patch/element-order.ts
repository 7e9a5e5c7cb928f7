/**
 * The order of a merged list: elements in the patch have the patch's order, others keep theirs, and both are
 * interleaved by their previous positions.
 */

import { newPlainError } from '../status-error.ts';
import { asMap, DIRECTIVE, noMergeKey, type PatchMap } from './directives.ts';

/** The identity of elements: their merge key, or the element itself if `mergeKey` is ''. */
export const identity =
  (mergeKey: string) =>
  (element: unknown): unknown =>
    mergeKey === '' ? element : (element as PatchMap | null)?.[mergeKey];

/** The first position of each element. */
function positions(list: readonly unknown[], mergeKey: string): Map<unknown, number> {
  const identify = identity(mergeKey);
  const found = new Map<unknown, number>();
  list.forEach((element, index) => {
    const id = identify(element);
    if (!found.has(id)) found.set(id, index);
  });
  return found;
}

/** Throws a 500 without reason if an element isn't a map or lacks the merge key. */
export function requireMergeKeys(list: readonly unknown[], mergeKey: string): void {
  for (const element of list) {
    const map = asMap(element);
    if (!Object.hasOwn(map, mergeKey)) throw noMergeKey(map, mergeKey);
  }
}

/** Up to this length, Go's stable sort is an insertion sort, which affects the result for inconsistent comparisons. */
const INSERTION_SORT_LENGTH = 20;

/** Sorts by `order`; an element that isn't in it moves before the preceding one, as in Go. */
function sortByOrder(list: readonly unknown[], order: readonly unknown[], mergeKey: string): unknown[] {
  const identify = identity(mergeKey);
  const places = positions(order, mergeKey);
  const placed = list.map((element) => ({ element, place: places.get(identify(element)) }));
  if (placed.length > INSERTION_SORT_LENGTH) {
    placed.sort((left, right) => (left.place ?? -1) - (right.place ?? -1));
    return placed.map(({ element }) => element);
  }
  for (let from = 1; from < placed.length; from++) {
    for (let at = from; at > 0 && goesBefore(placed[at]!.place, placed[at - 1]!.place); at--) {
      [placed[at - 1], placed[at]] = [placed[at]!, placed[at - 1]!];
    }
  }
  return placed.map(({ element }) => element);
}

function goesBefore(left: number | undefined, right: number | undefined): boolean {
  return left === undefined || right === undefined || left < right;
}

function normalize(list: readonly unknown[], order: readonly unknown[], mergeKey: string): unknown[] {
  if (mergeKey === '') return sortByOrder(list, order, mergeKey);
  requireMergeKeys(list, mergeKey);
  requireMergeKeys(order, mergeKey);
  const isDeletion = (element: unknown): boolean => (element as PatchMap)[DIRECTIVE] === 'delete';
  const kept = list.filter((element) => !isDeletion(element));
  return [...sortByOrder(kept, order, mergeKey), ...list.filter(isDeletion)];
}

/** Orders `merged` by `patchOrder`, and elements that aren't in it by `serverOrder`. */
export function orderElements(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  serverOrder: readonly unknown[],
  mergeKey: string,
): unknown[] {
  const identify = identity(mergeKey);
  if (mergeKey !== '') {
    requireMergeKeys(merged, mergeKey);
    patchOrder.forEach((element, index) => {
      if (typeof element !== 'object' || element === null)
        throw newPlainError(`value for key ${index} is not a map`);
    });
  }
  const named = new Set(patchOrder.map(identify));
  const fromPatch = merged.filter((element) => named.has(identify(element)));
  const fromServer = merged.filter((element) => !named.has(identify(element)));
  return interleave(
    normalize(fromServer, serverOrder, mergeKey),
    normalize(fromPatch, patchOrder, mergeKey),
    positions(serverOrder, mergeKey),
    identify,
  );
}

/** Inserts each element of `left` before the first element of `right` that it preceded. */
function interleave(
  left: readonly unknown[],
  right: readonly unknown[],
  places: ReadonlyMap<unknown, number>,
  identify: (element: unknown) => unknown,
): unknown[] {
  const result: unknown[] = [];
  let [atLeft, atRight] = [0, 0];
  while (atLeft < left.length || atRight < right.length) {
    const leftPlace = atLeft < left.length ? places.get(identify(left[atLeft])) : undefined;
    const rightPlace = atRight < right.length ? places.get(identify(right[atRight])) : undefined;
    const takesLeft =
      atRight >= right.length ||
      (atLeft < left.length && leftPlace !== undefined && rightPlace !== undefined && leftPlace < rightPlace);
    result.push(takesLeft ? left[atLeft++] : right[atRight++]);
  }
  return result;
}
