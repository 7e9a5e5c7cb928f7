/** The same map with its keys in order, as Go writes maps; null for none. */
export function sortKeys<T>(map: Readonly<Record<string, T>> | null | undefined): Record<string, T> | null {
  if (!map) return null;
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
