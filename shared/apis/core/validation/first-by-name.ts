/** Of those that share a name the first, as who looks for it in the list finds it. */
export function firstByName<T extends { readonly name: string }>(
  list: readonly T[] | null | undefined,
): ReadonlyMap<string, T> {
  const named = new Map<string, T>();
  for (const one of list ?? []) if (!named.has(one.name)) named.set(one.name, one);
  return named;
}
