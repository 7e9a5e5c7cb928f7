import { breathe } from './breathe.ts';

/** Copies a JSON-like value (objects, arrays, scalars, bytes); everything else is shared. */
export function deepCopy<T>(value: T): T {
  return copy(value) as T;
}

/** As `deepCopy` of an object; where it is large, others go first between its members. */
export async function deepCopyInPieces<T extends object>(object: T): Promise<T> {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    const pause = breathe();
    if (pause !== undefined) await pause;
    set(result, key, copy((object as Record<string, unknown>)[key]));
  }
  return result as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Uint8Array) return value.slice();
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) set(result, key, copy((value as Record<string, unknown>)[key]));
  return result;
}

function set(result: Record<string, unknown>, key: string, element: unknown): void {
  // Assigning `__proto__` would set the prototype in place of a field.
  if (key === '__proto__') Object.defineProperty(result, key, { ...FIELD, value: element });
  else result[key] = element;
}

const FIELD = { configurable: true, enumerable: true, writable: true };
