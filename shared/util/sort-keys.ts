/** The same map with its keys in order, as Go writes maps; null for none. */
export function sortKeys<T>(map: Readonly<Record<string, T>> | null | undefined): Record<string, T> | null {
  if (!map) return null;
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A JSON value with the keys of all its objects in order. */
export function sortDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortDeep);
  if (typeof value !== 'object' || value === null) return value;
  return sortKeys(Object.fromEntries(Object.entries(value).map(([key, member]) => [key, sortDeep(member)])));
}
