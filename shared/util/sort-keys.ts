import { setOwn } from './json.ts';

/** The same map with its keys in order, as Go writes maps; null for none. */
export function sortKeys<T>(map: Readonly<Record<string, T>> | null | undefined): Record<string, T> | null {
  if (!map) return null;
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A JSON value with the keys of its objects in order: of all, or of those that `isSorted` says. */
export function sortDeep(value: unknown, isSorted: (object: object) => boolean = () => true): unknown {
  if (Array.isArray(value)) return value.map((element) => sortDeep(element, isSorted));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) setOwn(copy, key, sortDeep(member, isSorted));
  return isSorted(value) ? sortKeys(copy) : copy;
}
