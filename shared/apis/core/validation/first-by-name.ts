/** Maps names to elements; of duplicates the first one wins, as in a search of the list. */
export function firstByName<T extends { readonly name: string }>(
  list: readonly T[] | null | undefined,
): ReadonlyMap<string, T> {
  const named = new Map<string, T>();
  for (const one of list ?? []) if (!named.has(one.name)) named.set(one.name, one);
  return named;
}
