/** How estimates of calls are written down. */

import type { Expr } from '../ast.ts';
import type { CelType } from '../type.ts';
import type { CostRange } from './cost-range.ts';

/** What a call costs beside its arguments, and the size of what it gives. */
export interface CallEstimate {
  readonly cost: CostRange;
  readonly size?: CostRange;
}

/** A node as estimates see it. */
export interface Operand {
  readonly expr: Expr | undefined;
  readonly type: CelType;
  readonly path: readonly string[] | undefined;
  /** Known from the expression alone, or from the schema. */
  readonly size: CostRange;
}

export interface Call {
  readonly target: Operand | undefined;
  readonly args: readonly Operand[];
  readonly overload: string;
  /** An element of a list; undefined when its type isn't known. */
  readonly elementOf: (list: Operand) => Operand | undefined;
}

/** Undefined where the call isn't what it looks like by its name. */
export type Estimate = (call: Call) => CallEstimate | undefined;

/** Rows of a table: the same estimate for names with spaces between them. */
export function named(names: string, estimate: Estimate): [string, Estimate][] {
  return names.split(' ').map((name) => [name, estimate]);
}
