/** Plans operators that don't evaluate all their operands; other calls are function calls. */

import { type CallExpr, OPERATOR } from '../ast.ts';
import { CelError, NO_SUCH_OVERLOAD } from '../error.ts';
import type { Value } from '../value.ts';
import { planFunction } from './function.ts';
import type { Plan, Planner, Scope, Step } from './plan.ts';
import { qualified, qualify, qualifyOptionally } from './qualify.ts';

export function planCall(planner: Planner, expr: CallExpr, scope: Scope | undefined): Plan {
  switch (expr.function) {
    case OPERATOR.and:
      return logic(
        expr.args.map((arg) => planner.plan(arg, scope).run),
        { until: false },
      );
    case OPERATOR.or:
      return logic(
        expr.args.map((arg) => planner.plan(arg, scope).run),
        { until: true },
      );
    case OPERATOR.conditional:
      return conditional(planner, expr, scope);
    case OPERATOR.notStrictlyFalse: {
      const { run } = planner.plan(expr.args[0]!, scope);
      return {
        run: (frame) => {
          const value = run(frame);
          frame.charge(1);
          return value !== false;
        },
      };
    }
    case OPERATOR.index:
      return index(planner, expr, { scope, select: qualify });
    case OPERATOR.optIndex:
      return index(planner, expr, { scope, select: qualifyOptionally });
    case OPERATOR.optSelect: {
      const field = (expr.args[1] as { readonly value: Value }).value;
      return qualified(planner.plan(expr.args[0]!, scope), (value) => qualifyOptionally(value, field));
    }
    default:
      return planFunction(planner, expr, scope);
  }
}

function conditional(planner: Planner, expr: CallExpr, scope: Scope | undefined): Plan {
  const [condition, then, otherwise] = expr.args.map((arg) => planner.plan(arg, scope)) as [Plan, Plan, Plan];
  const runThen = then.runRootFree ?? then.run;
  const runOtherwise = otherwise.runRootFree ?? otherwise.run;
  const run: Step = (frame) => {
    const value = condition.run(frame);
    if (value === true) return runThen(frame);
    if (value === false) return runOtherwise(frame);
    return value instanceof CelError ? value : NO_SUCH_OVERLOAD;
  };
  return { run, runRootFree: run };
}

function index(
  planner: Planner,
  expr: CallExpr,
  { scope, select }: { readonly scope: Scope | undefined; readonly select: typeof qualify },
): Plan {
  const [operand, at] = expr.args.map((arg) => planner.plan(arg, scope)) as [Plan, Plan];
  const key = at.constant;
  if (key !== undefined) return qualified(operand, (value) => select(value, key));
  const runIndex = at.runRootFree ?? at.run;
  return qualified(operand, (value, frame) =>
    value instanceof CelError ? value : select(value, runIndex(frame)),
  );
}

/** `||` (until true) and `&&` (until false): an error is returned only if no operand is decisive. */
function logic(steps: readonly Step[], { until: decisive }: { readonly until: boolean }): Plan {
  return {
    run: (frame) => {
      let error: CelError | undefined;
      for (const step of steps) {
        const value = step(frame);
        if (value === decisive) return decisive;
        if (typeof value !== 'boolean') error ??= value instanceof CelError ? value : NO_SUCH_OVERLOAD;
      }
      return error ?? !decisive;
    },
  };
}
