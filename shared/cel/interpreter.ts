/**
 * Compiles a checked expression to a program: each node becomes a closure that adds to the cost as it runs
 * (https://github.com/google/cel-go/blob/master/interpreter/planner.go).
 */

import type { Activation } from './activation.ts';
import type { Expr, SelectExpr } from './ast.ts';
import type { Checked, Reference } from './checker.ts';
import type { Declarations, StructDeclaration } from './declaration.ts';
import { CelError, ProgramError } from './error.ts';
import { planCall } from './planner/call.ts';
import { planComprehension } from './planner/comprehension.ts';
import { planList, planMap, planStruct } from './planner/create.ts';
import { attribute, constant, Frame, type Plan, type Planner, type Scope } from './planner/plan.ts';
import { isPresent, qualified, qualify } from './planner/qualify.ts';
import type { Value } from './value.ts';

export interface Evaluation {
  readonly value: Value;
  /** Cost units consumed. */
  readonly cost: number;
}

/** Stateless; may be shared. */
export interface Program {
  /** Throws `CostLimitExceeded`. Errors of the expression are returned as values. */
  evaluate(activation: Activation, costLimit: number): Evaluation;
}

/** Compiles a checked expression without issues. Throws `ProgramError`. */
export function plan(checked: Checked, declarations: Declarations): Program {
  const planner = new ExpressionPlanner(checked, declarations);
  const { run } = planner.plan(checked.expr, undefined);
  const { slots } = planner;
  planner.forget();
  return {
    evaluate(activation, costLimit) {
      const frame = new Frame(activation, costLimit, slots);
      const value = run(frame);
      return { value, cost: frame.cost };
    },
  };
}

class ExpressionPlanner implements Planner {
  slots = 0;
  #checked: Checked | undefined;
  #declarations: Declarations | undefined;

  constructor(checked: Checked, declarations: Declarations) {
    this.#checked = checked;
    this.#declarations = declarations;
  }

  /** Releases the checked expression, which is large; closures may retain the planner. */
  forget(): void {
    this.#checked = undefined;
    this.#declarations = undefined;
  }

  plan(expr: Expr, scope: Scope | undefined): Plan {
    switch (expr.kind) {
      case 'literal':
        return constant(expr.value);
      case 'ident':
        return this.#name(expr, expr.name, scope);
      case 'select':
        return this.#select(expr, scope);
      case 'call':
        return planCall(this, expr, scope);
      case 'list':
        return planList(this, expr, scope);
      case 'map':
        return planMap(this, expr, scope);
      case 'struct':
        return planStruct(this, expr, scope);
      case 'comprehension':
        return planComprehension(this, expr, scope);
    }
  }

  struct(name: string): StructDeclaration | undefined {
    return this.#declarations?.struct(name);
  }

  slot(): number {
    return this.slots++;
  }

  reference(expr: Expr): Reference | undefined {
    return this.#checked?.references.get(expr);
  }

  #name(expr: Expr, name: string, scope: Scope | undefined): Plan {
    const reference = this.reference(expr);
    if (reference?.kind === 'type') return constant(reference.type);
    if (reference?.kind === 'variable') {
      const missing = new CelError(`no such attribute(s): ${reference.name}`);
      return attribute((frame) => {
        const value = frame.activation.resolve(reference.name);
        return value === undefined ? missing : value;
      });
    }
    for (let at = scope; at !== undefined; at = at.parent) {
      const slot = at.slots.get(name);
      if (slot !== undefined) return attribute((frame) => frame.locals[slot]!);
    }
    throw new ProgramError(`undeclared reference to '${name}'`);
  }

  #select(expr: SelectExpr, scope: Scope | undefined): Plan {
    const reference = this.reference(expr);
    if (reference !== undefined) return this.#name(expr, '', scope);
    const operand = this.plan(expr.operand, scope);
    const { field } = expr;
    if (!expr.testOnly) return qualified(operand, (value) => qualify(value, field));
    const free = operand.runRootFree ?? operand.run;
    return {
      run: (frame) => {
        const value = free(frame);
        frame.charge(1);
        return isPresent(value, field);
      },
    };
  }
}
