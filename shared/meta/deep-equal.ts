import { equalJSON } from '../util/json-equal.ts';

/**
 * Semantic equality of objects (apimachinery `pkg/api/equality/semantic.go`): a missing list equals an empty one.
 * Expects objects as the decoder returns them, in which a missing field has its zero value and quantities and times are
 * canonical. Quantities in different notations are not equal.
 */
export function semanticDeepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNothing(a)) return isNothing(b);
  if (typeof a === 'bigint' || typeof b === 'bigint') return equalJSON(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && equalLists(a, b);
  }
  return equalFields(a as Record<string, unknown>, b as Record<string, unknown>);
}

/** Whether Go represents the value as nil or as an empty list. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((element, index) => semanticDeepEqual(element, b[index]));
}

function equalFields(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  for (const key of Object.keys(a)) {
    if (!semanticDeepEqual(a[key], Object.hasOwn(b, key) ? b[key] : undefined)) return false;
  }
  return Object.keys(b).every((key) => Object.hasOwn(a, key) || isNothing(b[key]));
}
