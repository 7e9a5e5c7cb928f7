/** Returns a predicate that is true for values it has been called with before. */
export function seenBefore<T>(): (value: T) => boolean {
  const seen = new Set<T>();
  return (value) => {
    if (seen.has(value)) return true;
    seen.add(value);
    return false;
  };
}
