/** What a table's cells are made by. */

import type { UnstructuredObject } from '../../meta/kube-object.ts';
import { Age } from './age.ts';

export type Cell = string | number | bigint | boolean | null;

/** A cell that is known for as long as its object doesn't change; but ages grow. */
export type CellSource = Cell | Age;

/** Said of a row's object (`TableRowCondition`). */
export interface RowCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** Computes one cell from an internal object. */
export type CellRule = (object: UnstructuredObject) => CellSource;

/** `now`: milliseconds since the epoch. */
export function cellAt(cell: CellSource, now: number): Cell {
  return cell instanceof Age ? cell.textAt(now) : cell;
}

/** Lets a rule be written against its kind's own type. */
export function rule<T>(compute: (object: T) => CellSource): CellRule {
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
