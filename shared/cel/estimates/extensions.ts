/**
 * cel-go's extension libraries, which take precedence over Kubernetes' table
 * (https://github.com/google/cel-go/tree/master/ext).
 */

import { LIST_CREATE_COST, STRING_TRAVERSAL_FACTOR } from '../cost.ts';
import { Uint } from '../value.ts';
import type { Call, CallEstimate, Estimate, Operand } from './call-estimate.ts';
import { type CostRange, fixed, MAX, ONE, plus, scaled, times } from './cost-range.ts';

function allocating(factor: number, size: CostRange): CallEstimate {
  return { cost: plus(scaled(size, factor), ONE, fixed(LIST_CREATE_COST)), size };
}

/** The unsigned value of a literal argument. */
function literal(operand: Operand | undefined, otherwise: number): number {
  const expr = operand?.expr;
  if (expr?.kind !== 'literal') return otherwise;
  if (typeof expr.value === 'bigint') return expr.value < 0n ? otherwise : Number(expr.value);
  return expr.value instanceof Uint ? Number(expr.value.value) : otherwise;
}

function squared(factor: number, size: CostRange): CallEstimate {
  return allocating(factor, times(size, size));
}

function sorting(overload: string, size: CostRange): CallEstimate {
  return squared(/^list_(?:string|bytes)_/.test(overload) ? 2 + STRING_TRAVERSAL_FACTOR : 2, size);
}

function sets(factor: number): Estimate {
  return ({ args: [a, b] }) =>
    a === undefined || b === undefined
      ? undefined
      : { cost: plus(scaled(times(a.size, b.size), factor), ONE) };
}

const EXTENSIONS: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ['list_sets_contains_list', sets(1)],
  ['list_sets_intersects_list', sets(1)],
  ['list_sets_equivalent_list', sets(2)],
  [
    'list_slice',
    ({ target, args }) =>
      allocating(1, fixed(Math.max(0, literal(args[1], target!.size.max) - literal(args[0], 0)))),
  ],
  ['lists_range', ({ args }) => allocating(1, fixed(literal(args[0], MAX)))],
  ['list_reverse', ({ target }) => allocating(1, target!.size)],
  ['list_flatten', ({ target }) => allocating(1, target!.size)],
  ['list_flatten_int', ({ target, args }) => allocating(literal(args[0], MAX), target!.size)],
  ['list_distinct', ({ target }) => squared(2, target!.size)],
]);

/** Undefined for other functions. */
export function extensionEstimate(call: Call): CallEstimate | undefined {
  const known = EXTENSIONS.get(call.overload);
  if (known !== undefined) return known(call);
  if (call.overload.endsWith('_sort')) return sorting(call.overload, call.target!.size);
  if (call.overload.endsWith('_sortByAssociatedKeys')) return sorting(call.overload, call.args[0]!.size);
  return undefined;
}
