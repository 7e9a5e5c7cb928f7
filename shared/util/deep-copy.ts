import { breathe } from './breathe.ts';

/**
 * Copies a JSON-like value (objects, arrays, scalars, bytes); values of any other type are shared with the original.
 */
export function deepCopy<T>(value: T): T {
  return copy(value) as T;
}

/** Number of values copied between two checks of the clock. */
const STRIDE = 512;

/** A container being copied, and how far the copy has got. */
interface Begun {
  readonly source: Container;
  readonly target: Container;
  /** Keys of an object; undefined for an array. */
  readonly keys: readonly string[] | undefined;
  next: number;
}

type Container = unknown[] | Record<string, unknown>;

/** Copies an object as `deepCopy` does. If it is large, in whatever shape, yields to other work at intervals. */
export async function deepCopyInPieces<T extends object>(object: T): Promise<T> {
  const few = copyFew(object as Container, { values: STRIDE });
  if (few !== undefined) return few as T;
  await breathe();
  const root = begin(object as Container);
  // Depth-first with an explicit stack: recursion could not be interrupted.
  const open = [root];
  let copied = 0;
  while (open.length > 0) {
    const { source, target, keys, next } = open.at(-1)!;
    if (next === (keys ?? (source as unknown[])).length) {
      open.pop();
      continue;
    }
    open.at(-1)!.next++;
    const value =
      keys === undefined ? (source as unknown[])[next] : (source as Record<string, unknown>)[keys[next]!];
    const begun = isContainer(value) ? begin(value) : undefined;
    const made = begun?.target ?? copy(value);
    if (keys === undefined) (target as unknown[]).push(made);
    else set(target as Record<string, unknown>, keys[next]!, made);
    if (begun !== undefined) open.push(begun);
    if (++copied % STRIDE === 0) await breathe();
  }
  return root.target as T;
}

/** Copies a container that holds at most `left` values; returns undefined if it holds more. */
function copyFew(source: Container, left: { values: number }): Container | undefined {
  const { target, keys } = begin(source);
  const count = (keys ?? (source as unknown[])).length;
  left.values -= count;
  if (left.values < 0) return undefined;
  for (let at = 0; at < count; at++) {
    const key = keys?.[at] ?? at;
    const value = (source as Record<string | number, unknown>)[key];
    const made = isContainer(value) ? copyFew(value, left) : copy(value);
    if (made === undefined && value !== undefined) return undefined;
    if (keys === undefined) (target as unknown[]).push(made);
    else set(target as Record<string, unknown>, keys[at]!, made);
  }
  return target;
}

function begin(source: Container): Begun {
  const isList = Array.isArray(source);
  return { source, target: isList ? [] : {}, keys: isList ? undefined : Object.keys(source), next: 0 };
}

const isContainer = (value: unknown): value is Container =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Uint8Array) return value.slice();
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) set(result, key, copy((value as Record<string, unknown>)[key]));
  return result;
}

function set(result: Record<string, unknown>, key: string, element: unknown): void {
  // Assigning `__proto__` would set the prototype instead of a field.
  if (key === '__proto__') Object.defineProperty(result, key, { ...FIELD, value: element });
  else result[key] = element;
}

const FIELD = { configurable: true, enumerable: true, writable: true };
