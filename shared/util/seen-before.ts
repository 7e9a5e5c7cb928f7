/** Asked of many values one after the other: whether the same was asked of before. */
export function seenBefore<T>(): (value: T) => boolean {
  const seen = new Set<T>();
  return (value) => {
    if (seen.has(value)) return true;
    seen.add(value);
    return false;
  };
}
