import type { ComprehensionExpr } from '../ast.ts';
import { CelError } from '../error.ts';
import { ListValue, MapValue, typeOf } from '../value.ts';
import type { Plan, Planner, Scope } from './plan.ts';

/** Plans a comprehension over a list or a map. */
export function planComprehension(planner: Planner, expr: ComprehensionExpr, scope: Scope | undefined): Plan {
  const range = planner.plan(expr.iterRange, scope);
  const init = planner.plan(expr.accuInit, scope);
  const accu = planner.slot();
  const outer: Scope = { slots: new Map([[expr.accuVar, accu]]), parent: scope };
  const first = planner.slot();
  const second = expr.iterVar2 === undefined ? undefined : planner.slot();
  const names: [string, number][] = [[expr.iterVar, first]];
  if (second !== undefined) names.push([expr.iterVar2!, second]);
  const inner: Scope = { slots: new Map(names), parent: outer };
  const condition = planner.plan(expr.loopCondition, inner);
  const step = planner.plan(expr.loopStep, inner);
  const result = planner.plan(expr.result, outer);
  return {
    run: (frame) => {
      const over = range.run(frame);
      if (over instanceof CelError) return over;
      frame.locals[accu] = init.run(frame);
      const { locals } = frame;
      const proceed = (): boolean => condition.run(frame) === true;
      if (over instanceof ListValue) {
        let index = 0n;
        for (const element of over) {
          locals[first] = second === undefined ? element : index++;
          if (second !== undefined) locals[second] = element;
          if (!proceed()) break;
          locals[accu] = step.run(frame);
        }
      } else if (over instanceof MapValue) {
        for (const key of over.keys()) {
          locals[first] = key;
          if (second !== undefined) locals[second] = over.find(key)!;
          if (!proceed()) break;
          locals[accu] = step.run(frame);
        }
      } else {
        return new CelError(`got '${typeOf(over).name}', expected iterable type`);
      }
      return result.run(frame);
    },
  };
}
