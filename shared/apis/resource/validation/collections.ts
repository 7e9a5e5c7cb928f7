/**
 * Validates lists and maps with size limits item by item. Errors about a list as a whole and about map keys are marked
 * as covered if types declare these rules too.
 */

import { covered, duplicate, type FieldError, tooMany } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { sortedEntries } from '../../core/validation/helpers.ts';

type Validate<T> = (item: T, path: FieldPath) => FieldError[];

/** Doesn't validate the items of a list that is too long. */
export function validateList<T>(
  items: readonly T[] | null | undefined,
  max: number,
  validate: Validate<T>,
  path: FieldPath,
): FieldError[] {
  if ((items?.length ?? 0) > max) return covered([tooMany(path, items!.length, max)]);
  return (items ?? []).flatMap((item, index) => validate(item, path.index(index)));
}

/** `keyOf` returns the key that must be unique, `shown` its form in errors. */
export function validateSet<T>(
  items: readonly T[] | null | undefined,
  max: number,
  validate: Validate<T>,
  keyOf: (item: T) => string,
  path: FieldPath,
  shown: (item: T) => unknown = keyOf,
): FieldError[] {
  if ((items?.length ?? 0) > max) return covered([tooMany(path, items!.length, max)]);
  const seen = new Set<string>();
  const duplicates = (items ?? []).flatMap((item, index) => {
    const key = keyOf(item);
    const errors = seen.has(key) ? [duplicate(path.index(index), shown(item))] : [];
    seen.add(key);
    return errors;
  });
  return [...validateList(items, max, validate, path), ...covered(duplicates)];
}

const MIN_SHOWN = 16;
const ELLIPSIS = '...';

function truncated(key: string, max: number): string {
  const length = Math.max(max, MIN_SHOWN);
  if (key.length <= length) return key;
  const rest = length - ELLIPSIS.length;
  return `${key.slice(0, Math.floor((rest + 1) / 2))}${ELLIPSIS}${key.slice(key.length - Math.floor(rest / 2))}`;
}

export interface MapRules<T> {
  readonly max?: number;
  /** Longer keys are truncated in paths. */
  readonly keyLength: number;
  readonly key: Validate<string>;
  readonly value: Validate<T>;
}

export function validateMap<T>(
  map: Readonly<Record<string, T>> | undefined,
  { max = Number.POSITIVE_INFINITY, keyLength, key: validateKey, value: validateValue }: MapRules<T>,
  path: FieldPath,
): FieldError[] {
  const entries = sortedEntries(map);
  if (entries.length > max) return [tooMany(path, entries.length, max)];
  return entries.flatMap(([key, value]) => [
    ...covered(validateKey(key, path)),
    ...validateValue(value, path.key(truncated(key, keyLength))),
  ]);
}
