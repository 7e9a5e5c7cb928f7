/** Sizes of values constructed by expressions, derived from the expressions. */

import type { ComprehensionExpr, Expr } from '../ast.ts';
import { type CelType, isOptionalType } from '../type.ts';
import { costSize } from '../value.ts';
import { type CostRange, fixed, union } from './cost-range.ts';

/** Sizes of the keys and values of a list or map constructed by the expression. */
export interface EntrySize {
  readonly container: 'list' | 'map';
  readonly key: CostRange;
  readonly value: CostRange;
}

export function joined(a: EntrySize, b: EntrySize): EntrySize {
  return { container: a.container, key: union(a.key, b.key), value: union(a.value, b.value) };
}

/** Undefined for expressions that are not literals. */
export function literalSize(expr: Expr): CostRange | undefined {
  switch (expr.kind) {
    case 'literal':
      return fixed(costSize(expr.value));
    case 'list':
      return fixed(expr.elements.length);
    case 'map':
      return fixed(expr.entries.length);
    default:
      return undefined;
  }
}

const SCALARS = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

/** Whether all values of the type have size 1. */
export function isScalar(type: CelType): boolean {
  return SCALARS.has(type.kind) || (isOptionalType(type) && isScalar(type.params[0]!));
}

/** Whether the comprehension only binds a variable (`optMap`, `sortBy`): a fold over an empty list. */
export function isBinding(expr: ComprehensionExpr): boolean {
  return (
    expr.iterRange.kind === 'list' &&
    expr.iterRange.elements.length === 0 &&
    expr.loopCondition.kind === 'literal' &&
    expr.loopCondition.value === false
  );
}
