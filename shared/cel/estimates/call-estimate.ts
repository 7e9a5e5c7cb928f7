/** Types for cost estimates of calls. */

import type { Expr } from '../ast.ts';
import type { CelType } from '../type.ts';
import type { CostRange } from './cost-range.ts';

/** The cost of a call without its arguments, and the size of its result. */
export interface CallEstimate {
  readonly cost: CostRange;
  readonly size?: CostRange;
}

/** A node with the properties that estimates depend on. */
export interface Operand {
  readonly expr: Expr | undefined;
  readonly type: CelType;
  readonly path: readonly string[] | undefined;
  /** Derived from the expression or the schema. */
  readonly size: CostRange;
}

export interface Call {
  readonly target: Operand | undefined;
  readonly args: readonly Operand[];
  readonly overload: string;
  /** Returns an element of a list; undefined if its type is unknown. */
  readonly elementOf: (list: Operand) => Operand | undefined;
}

/** Returns undefined if the call is not the one that its name suggests. */
export type Estimate = (call: Call) => CallEstimate | undefined;

/** Table rows with the same estimate, for names separated by spaces. */
export function named(names: string, estimate: Estimate): [string, Estimate][] {
  return names.split(' ').map((name) => [name, estimate]);
}
