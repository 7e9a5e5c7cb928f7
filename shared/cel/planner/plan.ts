/** The executable form of expressions: steps that operate on the state of an evaluation. */

import type { Activation } from '../activation.ts';
import type { Expr } from '../ast.ts';
import type { Reference } from '../checker.ts';
import type { StructDeclaration } from '../declaration.ts';
import { CostLimitExceeded } from '../error.ts';
import type { Value } from '../value.ts';

/** The state of one evaluation. */
export class Frame {
  readonly activation: Activation;
  readonly limit: number;
  readonly locals: (Value | undefined)[];
  cost = 0;

  constructor(activation: Activation, limit: number, locals: number) {
    this.activation = activation;
    this.limit = limit;
    this.locals = new Array(locals);
  }

  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.limit) throw new CostLimitExceeded();
  }
}

export type Step = (frame: Frame) => Value;

/** A step, with what is known about it at plan time. */
export interface Plan {
  readonly run: Step;
  /** The value if it is known at plan time: literals, lists of literals, conversions of literals. */
  readonly constant?: Value;
  /**
   * For a chain of selections from a root. As the branch of a conditional or as an index, the root is not charged:
   * cel-go does not track it there.
   */
  readonly runRootFree?: Step;
}

export function constant(value: Value): Plan {
  return { run: () => value, constant: value };
}

/** Comprehension variables, by their slots in `Frame.locals`. */
export interface Scope {
  readonly slots: ReadonlyMap<string, number>;
  readonly parent: Scope | undefined;
}

/** The interface through which the planners of individual node kinds plan their operands. */
export interface Planner {
  plan(expr: Expr, scope: Scope | undefined): Plan;
  reference(expr: Expr): Reference | undefined;
  struct(name: string): StructDeclaration | undefined;
  /** Allocates a slot in `Frame.locals`. */
  slot(): number;
}

/** A root, which costs 1. */
export function attribute(resolve: Step): Plan {
  return {
    run: (frame) => {
      frame.charge(1);
      return resolve(frame);
    },
    runRootFree: resolve,
  };
}
