/** Copies a JSON-like value (objects, arrays, scalars, bytes); everything else is shared. */
export function deepCopy<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Uint8Array) return value.slice();
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const element = copy((value as Record<string, unknown>)[key]);
    // Assigning `__proto__` would set the prototype in place of a field.
    if (key === '__proto__') Object.defineProperty(result, key, { ...FIELD, value: element });
    else result[key] = element;
  }
  return result;
}

const FIELD = { configurable: true, enumerable: true, writable: true };
