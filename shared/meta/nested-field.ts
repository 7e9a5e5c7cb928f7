/**
 * Accesses fields of unstructured objects by path
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/unstructured/helpers.go).
 */

import { formatValue } from '../runtime/go-format.ts';
import { isJSONObject, setOwn } from '../util/json.ts';

const shown = (path: readonly string[]): string => `.${path.join('.')}`;

/** Go's type name of a decoded JSON value. */
export function goTypeOf(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

const mistyped = (path: readonly string[], value: unknown, expected: string): Error =>
  new Error(
    `${shown(path)} accessor error: ${formatValue(value)} is of the type ${goTypeOf(value)}, expected ${expected}`,
  );

/**
 * Undefined if a field of the path is missing or, except for the last, null. Throws Error if the path leads through a
 * value that isn't an object.
 */
export function nestedField(object: object, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const [index, name] of path.entries()) {
    if (value === null) return undefined;
    if (!isJSONObject(value)) throw mistyped(path.slice(0, index + 1), value, 'map[string]interface{}');
    if (!Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** Throws Error for a value that isn't an integer. */
export function nestedInteger(object: object, path: readonly string[]): number | undefined {
  const value = nestedField(object, path);
  if (value === undefined) return undefined;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw mistyped(path, value, 'int64');
}

/** Throws Error for a value that isn't a string. */
export function nestedString(object: object, path: readonly string[]): string | undefined {
  const value = nestedField(object, path);
  if (value === undefined || typeof value === 'string') return value;
  throw mistyped(path, value, 'string');
}

/** Sets a field and creates missing parent objects. Throws Error if a parent isn't an object. */
export function setNestedField(object: object, value: unknown, path: readonly string[]): void {
  let at = object as Record<string, unknown>;
  for (const [index, name] of path.slice(0, -1).entries()) {
    if (!Object.hasOwn(at, name)) setOwn(at, name, {});
    const inner = at[name];
    if (!isJSONObject(inner)) {
      const where = shown(path.slice(0, index + 1));
      throw new Error(`value cannot be set because ${where} is not a map[string]interface{}`);
    }
    at = inner;
  }
  setOwn(at, path.at(-1)!, value);
}
