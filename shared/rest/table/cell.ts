/** Functions for computing table cells. */

import type { UnstructuredObject } from '../../meta/kube-object.ts';
import { Age } from './age.ts';

export type Cell = string | number | bigint | boolean | null;

/** A cell that stays valid until its object changes, except that ages grow. */
export type CellSource = Cell | Age;

/** A condition of a row's object (`TableRowCondition`). */
export interface RowCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** Computes one cell from an internal object. */
export type CellRule = (object: UnstructuredObject) => CellSource;

/** `now` is in milliseconds since the epoch. */
export function cellAt(cell: CellSource, now: number): Cell {
  return cell instanceof Age ? cell.textAt(now) : cell;
}

/** Types a rule by its kind's own type. */
export function rule<T>(compute: (object: T) => CellSource): CellRule {
  return compute as unknown as CellRule;
}

export const NONE = '<none>';
export const UNSET = '<unset>';
export const UNKNOWN = '<unknown>';

/** At most `max` items, followed by the number of further ones. */
export function listWithMore(items: readonly string[], max: number, separator = ','): string {
  if (items.length <= max) return items.join(separator);
  return `${items.slice(0, max).join(separator)} + ${items.length - max} more...`;
}

/** Sorted `key=value` pairs; `<none>` if there are none. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined | null): string {
  const pairs = Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort();
  return pairs.length === 0 ? NONE : pairs.join(',');
}
