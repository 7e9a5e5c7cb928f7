import { type Pieces, shouldYield } from './breathe.ts';
import { setOwn } from './json.ts';
import { sortInPieces } from './sort-in-pieces.ts';

/** A copy of the map with sorted keys, the order in which Go writes maps; null if there is no map. */
export function sortKeys<T>(map: Readonly<Record<string, T>> | null | undefined): Record<string, T> | null {
  if (!map) return null;
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A copy of a JSON value with sorted keys, in all objects or only in those for which `isSorted` is true. */
export function* sortDeep(
  value: unknown,
  isSorted: (object: object) => boolean = () => true,
): Pieces<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  const isList = Array.isArray(value);
  const copy: unknown[] | Record<string, unknown> = isList ? [] : {};
  const keys = Object.keys(value);
  for (const key of !isList && isSorted(value) ? yield* sortInPieces(keys, compareKeys) : keys) {
    const member: unknown = (value as Record<string, unknown>)[key];
    const sorted = typeof member === 'object' ? yield* sortDeep(member, isSorted) : member;
    if (isList) (copy as unknown[]).push(sorted);
    else setOwn(copy as Record<string, unknown>, key, sorted);
    if (shouldYield()) yield;
  }
  return copy;
}

const compareKeys = (a: string, b: string): number => (a < b ? -1 : 1);
