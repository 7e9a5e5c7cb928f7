import { breathe } from './breathe.ts';

/** Copies a JSON-like value (objects, arrays, scalars, bytes); everything else is shared. */
export function deepCopy<T>(value: T): T {
  return copy(value) as T;
}

/** So many values are copied between two looks at the clock. */
const STRIDE = 512;

/** A container that is being copied: what of it is done. */
interface Begun {
  readonly source: Container;
  readonly target: Container;
  /** Of objects. */
  readonly keys: readonly string[] | undefined;
  next: number;
}

type Container = unknown[] | Record<string, unknown>;

/** As `deepCopy` of an object; where it is large, however its values lie in it, others go first now and then. */
export async function deepCopyInPieces<T extends object>(object: T): Promise<T> {
  const few = copyFew(object as Container, { values: STRIDE });
  if (few !== undefined) return few as T;
  await breathe();
  const root = begin(object as Container);
  // From the outside in; no recursion, which could not be left in the middle.
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

/** A copy of a container with no more values than are `left`; undefined: there are more. */
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
  // Assigning `__proto__` would set the prototype in place of a field.
  if (key === '__proto__') Object.defineProperty(result, key, { ...FIELD, value: element });
  else result[key] = element;
}

const FIELD = { configurable: true, enumerable: true, writable: true };
