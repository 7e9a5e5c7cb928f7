/** What expressions become: steps that run over the state of one evaluation. */

import type { Activation } from '../activation.ts';
import type { Expr } from '../ast.ts';
import type { Reference } from '../checker.ts';
import type { StructDeclaration } from '../declaration.ts';
import { CostLimitExceeded } from '../error.ts';
import type { Value } from '../value.ts';

/** One evaluation's state. */
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

/** A step, and what is known of it before it runs. */
export interface Plan {
  readonly run: Step;
  /** Known beforehand: literals, lists of literals, conversions of literals. */
  readonly constant?: Value;
  /**
   * A chain of selections from a root. As the branch of a conditional or as an index, the root is free: cel-go
   * resolves it there without looking.
   */
  readonly runRootFree?: Step;
}

export function constant(value: Value): Plan {
  return { run: () => value, constant: value };
}

/** Variables of comprehensions, by their places in `Frame.locals`. */
export interface Scope {
  readonly slots: ReadonlyMap<string, number>;
  readonly parent: Scope | undefined;
}

/** What the planners of single kinds of nodes ask of the whole. */
export interface Planner {
  plan(expr: Expr, scope: Scope | undefined): Plan;
  reference(expr: Expr): Reference | undefined;
  struct(name: string): StructDeclaration | undefined;
  /** A new place in `Frame.locals`. */
  slot(): number;
}

/** A root that costs one. */
export function attribute(resolve: Step): Plan {
  return {
    run: (frame) => {
      frame.charge(1);
      return resolve(frame);
    },
    runRootFree: resolve,
  };
}
