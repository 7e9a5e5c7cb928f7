/** Whether a JSON value is null or contains a null at any depth. */
export function hasNull(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.some(hasNull);
  for (const name in value) {
    if (hasNull((value as Record<string, unknown>)[name])) return true;
  }
  return false;
}
