/** The directives in a strategic merge patch. */

import { formatValue } from '../../runtime/go-format.ts';
import { isJSONObject, setOwn } from '../../util/json.ts';
import { newBadRequest, newPlainError, type StatusError } from '../status-error.ts';

export type PatchMap = Record<string, unknown>;

/** The treatment of the containing map: `delete`, `replace` or `merge`. */
export const DIRECTIVE = '$patch';
/** The keys of the map that are retained: `patchStrategy: retainKeys`. */
export const RETAIN_KEYS = '$retainKeys';
/** `$deleteFromPrimitiveList/finalizers`: values to delete from a list. */
export const DELETE_FROM_PRIMITIVE_LIST = '$deleteFromPrimitiveList';
/** `$setElementOrder/containers`: the order of a list, by values or merge keys. */
export const SET_ELEMENT_ORDER = '$setElementOrder';

export const badPrimitiveList = (): StatusError => newBadRequest('invalid patch format of primitive list');
export const badRetainKeys = (): StatusError => newBadRequest('invalid patch format of retainKeys');
export const badSetElementOrder = (): StatusError =>
  newBadRequest('invalid patch format of setElementOrder list');
export const noMergeKey = (map: PatchMap, key: string): StatusError =>
  newPlainError(`map: ${formatValue(map)} does not contain declared merge key: ${key}`);
export const badPatchType = (directive: unknown, map: PatchMap): StatusError =>
  newPlainError(`unknown patch type: ${formatDirective(directive)} in map: ${formatValue(map)}`);

/** Go's `%s`, which marks values that aren't strings. */
function formatDirective(directive: unknown): string {
  if (typeof directive === 'string') return directive;
  return directive === null ? '%!s(<nil>)' : `%!s(${goType(directive)}=${formatValue(directive)})`;
}

/** The Go type to which a JSON value decodes. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'bigint' ? 'int64' : 'string';
}

const shownType = (value: unknown): string => (value === null ? '%!s(<nil>)' : goType(value));

/** Throws a 500 without reason unless `value` is a list. */
export function asList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw newPlainError(`expected a []interface {}, but received a ${shownType(value)}`);
}

/** Throws a 500 without reason unless `value` is a map. */
export function asMap(value: unknown): PatchMap {
  if (isJSONObject(value)) return value;
  throw newPlainError(`expected a map[string]interface {}, but received a ${shownType(value)}`);
}

/** The field to which a parallel list refers; undefined if `key` isn't one. */
export function fieldOf(key: string, directive: string): string | undefined {
  return key.startsWith(`${directive}/`) ? key.slice(directive.length + 1) : undefined;
}

const DROPPED = Symbol('dropped');

/**
 * Converts a value of a patch to a plain value by dropping maps with directives; undefined if it is one itself. May
 * modify it.
 */
export function withoutDirectives(value: unknown): unknown {
  const kept = strip(value);
  return kept === DROPPED ? undefined : kept;
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip).filter((element) => element !== DROPPED);
  if (!isJSONObject(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return DROPPED;
  for (const [key, member] of Object.entries(value)) {
    const kept = strip(member);
    if (kept === DROPPED) delete value[key];
    else setOwn(value, key, kept);
  }
  return value;
}

/** Drops null members, including those in lists. Modifies `value`. */
export function discardNulls(value: unknown): void {
  if (Array.isArray(value)) value.forEach(discardNulls);
  if (!isJSONObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    if (member === null) delete value[key];
    else discardNulls(member);
  }
}
