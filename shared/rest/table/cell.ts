/** What a table's cells are made by. */

import type { UnstructuredObject } from '../../meta/kube-object.ts';

export type Cell = string | number | bigint | boolean | null;

/** Computes one cell from an internal object; `now` in milliseconds since the epoch. */
export type CellRule = (object: UnstructuredObject, now: number) => Cell;

/** Lets a rule be written against its kind's own type. */
export function rule<T>(compute: (object: T, now: number) => Cell): CellRule {
  return compute as unknown as CellRule;
}

export const NONE = '<none>';
export const UNSET = '<unset>';
export const UNKNOWN = '<unknown>';

/** At most `max` items, then how many more there are. */
export function listWithMore(items: readonly string[], max: number, separator = ','): string {
  if (items.length <= max) return items.join(separator);
  return `${items.slice(0, max).join(separator)} + ${items.length - max} more...`;
}

/** Sorted `key=value` pairs; `<none>` when empty. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined | null): string {
  const pairs = Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort();
  return pairs.length === 0 ? NONE : pairs.join(',');
}
