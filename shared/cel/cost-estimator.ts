/**
 * Estimates the minimum and maximum cost of an expression statically
 * (https://github.com/google/cel-go/blob/master/checker/cost.go,
 * https://github.com/kubernetes/apiserver/blob/master/pkg/cel/library/cost.go). The estimate decides which rules a
 * custom resource definition may have, so changing a number changes the API.
 */

import { entryOf } from '../util/entry-of.ts';
import { type CallExpr, type ComprehensionExpr, type Expr, OPERATOR, type SelectExpr } from './ast.ts';
import type { Checked } from './checker.ts';
import { LIST_CREATE_COST, MAP_CREATE_COST, STRUCT_CREATE_COST } from './cost.ts';
import type { DeclaredType } from './declared-type.ts';
import type { Call, CallEstimate, Operand } from './estimates/call-estimate.ts';
import { type CostRange, fixed, ONE, plus, times, UNKNOWN, union, ZERO } from './estimates/cost-range.ts';
import { extensionEstimate } from './estimates/extensions.ts';
import { KUBERNETES_ESTIMATES } from './estimates/kubernetes.ts';
import { type EntrySize, isBinding, isScalar, joined, literalSize } from './estimates/sizes.ts';
import { STANDARD_ESTIMATES } from './estimates/standard.ts';
import { ACCUMULATOR } from './macro.ts';
import type { CelType } from './type.ts';

interface Local {
  readonly path: readonly string[] | undefined;
  readonly size: CostRange | undefined;
  readonly entry: EntrySize | undefined;
}

/** The cost of an expression whose variables all have the type `root`, such as `self` and `oldSelf`. */
export function estimateCost(checked: Checked, root: DeclaredType): CostRange {
  return new Estimator(checked, root).cost(checked.expr);
}

class Estimator {
  readonly #checked: Checked;
  readonly #root: DeclaredType;
  readonly #paths = new Map<Expr, readonly string[] | undefined>();
  readonly #sizes = new Map<Expr, CostRange>();
  readonly #entries = new Map<Expr, EntrySize>();
  readonly #locals = new Map<string, Local[]>();

  constructor(checked: Checked, root: DeclaredType) {
    this.#checked = checked;
    this.#root = root;
  }

  cost(expr: Expr): CostRange {
    switch (expr.kind) {
      case 'literal':
        return ZERO;
      case 'ident': {
        const local = this.#local(expr.name);
        this.#paths.set(expr, local === undefined ? [expr.name] : local.path);
        return ONE;
      }
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list': {
        const costs = expr.elements.map((element) => this.cost(element));
        this.#entries.set(expr, { container: 'list', key: ONE, value: this.#unionOf(expr.elements) });
        return plus(...costs, fixed(LIST_CREATE_COST));
      }
      case 'map': {
        const costs = expr.entries.flatMap((entry) => [this.cost(entry.key), this.cost(entry.value)]);
        this.#entries.set(expr, {
          container: 'map',
          key: this.#unionOf(expr.entries.map((entry) => entry.key)),
          value: this.#unionOf(expr.entries.map((entry) => entry.value)),
        });
        return plus(...costs, fixed(MAP_CREATE_COST));
      }
      case 'struct':
        return plus(...expr.fields.map((field) => this.cost(field.value)), fixed(STRUCT_CREATE_COST));
      case 'comprehension':
        return isBinding(expr) ? this.#binding(expr) : this.#comprehension(expr);
    }
  }

  #type(expr: Expr): CelType {
    return this.#checked.types.get(expr)!;
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #push(name: string, local: Local): void {
    entryOf(this.#locals, name, () => []).push(local);
  }

  #pop(name: string): void {
    this.#locals.get(name)!.pop();
  }

  #unionOf(exprs: readonly Expr[]): CostRange {
    if (exprs.length === 0) return ZERO;
    return exprs.map((expr) => this.#sizeOrUnknown(expr)).reduce(union);
  }

  #pathOf(expr: Expr): readonly string[] | undefined {
    if (expr.kind === 'ident') {
      const local = this.#local(expr.name);
      if (local !== undefined) return local.path;
    }
    return this.#paths.get(expr);
  }

  #below(expr: Expr, ...names: readonly string[]): readonly string[] {
    return [...(this.#pathOf(expr) ?? []), ...names];
  }

  #select(expr: SelectExpr): CostRange {
    if (this.#checked.references.has(expr)) {
      this.#paths.set(expr, [expr.field]);
      return ONE;
    }
    if (expr.testOnly) return this.cost(expr.operand);
    const operand = this.cost(expr.operand);
    const { kind } = this.#type(expr.operand);
    this.#paths.set(expr, this.#below(expr.operand, expr.field));
    return kind === 'map' || kind === 'struct' || kind === 'typeParam' ? plus(operand, ONE) : operand;
  }

  #call(expr: CallExpr): CostRange {
    if (expr.function === 'dyn') {
      const argument = expr.args[0]!;
      const cost = this.cost(argument);
      this.#copy(expr, argument);
      return plus(ONE, cost);
    }
    const argCosts = expr.args.map((arg) => this.cost(arg));
    const reference = this.#checked.references.get(expr);
    if (reference?.kind !== 'function') {
      // The content of an optional has no size bound.
      return expr.function === OPERATOR.optSelect ? plus(ONE, ...argCosts) : ZERO;
    }
    const args = expr.args.map((arg) => this.#operand(arg));
    const isMember = expr.target !== undefined && !reference.namespaced;
    const targetCost = isMember ? this.cost(expr.target!) : ZERO;
    const target = isMember ? this.#operand(expr.target!) : undefined;
    let cost: CostRange | undefined;
    let size: CostRange | undefined;
    for (const { id } of reference.overloads) {
      const call = { target, args, overload: id, elementOf: this.#elementOf };
      const estimate = this.#overload(expr, reference.declaration.name, call, argCosts);
      cost = cost === undefined ? estimate.cost : union(cost, estimate.cost);
      if (estimate.size !== undefined) size = size === undefined ? estimate.size : union(size, estimate.size);
      if (id === 'index_list' || id === 'index_map') {
        size = this.#entryOf(expr.args[0]!)?.value;
        this.#paths.set(expr, this.#below(expr.args[0]!, id === 'index_list' ? '@items' : '@values'));
      }
      size ??= this.#size(expr);
    }
    if (size !== undefined) this.#sizes.set(expr, size);
    return plus(targetCost, cost!);
  }

  #overload(expr: CallExpr, name: string, call: Call, argCosts: readonly CostRange[]): CallEstimate {
    const withArguments = (estimate: CallEstimate): CallEstimate => ({
      ...estimate,
      cost: plus(estimate.cost, ...argCosts),
    });
    const special = extensionEstimate(call) ?? KUBERNETES_ESTIMATES.get(name)?.(call);
    if (special !== undefined) return withArguments(special);
    switch (call.overload) {
      case 'logical_or':
      case 'logical_and': {
        const [left, right] = argCosts;
        return { cost: { min: left!.min, max: plus(left!, right!).max } };
      }
      case 'conditional': {
        const [condition, then, otherwise] = argCosts;
        const [, a, b] = expr.args;
        const [entryA, entryB] = [this.#entryOf(a!), this.#entryOf(b!)];
        if (entryA !== undefined && entryB !== undefined) this.#entries.set(expr, joined(entryA, entryB));
        return {
          cost: plus(condition!, union(then!, otherwise!)),
          size: union(call.args[1]!.size, call.args[2]!.size),
        };
      }
      case 'add_string':
      case 'add_bytes':
      case 'add_list': {
        const [entryA, entryB] = expr.args.map((arg) => this.#entryOf(arg));
        if (entryA !== undefined && entryB !== undefined) this.#entries.set(expr, joined(entryA, entryB));
      }
    }
    return withArguments(STANDARD_ESTIMATES.get(call.overload)?.(call) ?? { cost: ONE });
  }

  #comprehension(expr: ComprehensionExpr): CostRange {
    const range = this.cost(expr.iterRange);
    const init = this.cost(expr.accuInit);
    this.#pushBinding(expr.accuVar, expr.accuInit);
    this.#pushIteration(expr);
    const condition = this.cost(expr.loopCondition);
    const step = this.cost(expr.loopStep);
    this.#pop(expr.iterVar);
    if (expr.iterVar2 !== undefined) this.#pop(expr.iterVar2);
    const result = this.cost(expr.result);
    this.#pop(expr.accuVar);
    const count = this.#sizeOrUnknown(expr.iterRange);
    if (expr.accuInit.kind === 'literal') {
      const size = this.#size(expr.accuInit);
      if (size !== undefined) this.#sizes.set(expr, size);
    } else if (expr.accuInit.kind === 'list' || expr.accuInit.kind === 'map') {
      this.#sizes.set(expr, count);
      const entry = this.#entryOf(expr.loopStep);
      if (entry !== undefined) this.#entries.set(expr, entry);
    }
    return plus(range, init, result, times(count, plus(step, condition)));
  }

  #binding(expr: ComprehensionExpr): CostRange {
    const before = plus(this.cost(expr.iterRange), this.cost(expr.accuInit));
    this.#pushBinding(expr.accuVar, expr.accuInit);
    const result = this.cost(expr.result);
    this.#pop(expr.accuVar);
    this.#copy(expr, expr.result);
    return plus(before, result);
  }

  #pushBinding(name: string, expr: Expr): void {
    this.#push(name, { path: this.#pathOf(expr), size: this.#size(expr), entry: this.#entryOf(expr) });
  }

  #pushIteration(expr: ComprehensionExpr): void {
    const entry = this.#entryOf(expr.iterRange);
    const kind = entry?.container ?? this.#type(expr.iterRange).kind;
    const isList = kind === 'list';
    const local = (name: string, size: CostRange | undefined): Local => ({
      path: this.#below(expr.iterRange, name),
      size,
      entry: undefined,
    });
    const value = local(isList ? '@items' : '@values', entry?.value);
    const key = local(isList ? '@indices' : '@keys', entry?.key);
    if (expr.iterVar2 !== undefined) {
      this.#push(expr.iterVar, key);
      this.#push(expr.iterVar2, value);
    } else {
      this.#push(expr.iterVar, isList ? value : key);
    }
  }

  #copy(to: Expr, from: Expr): void {
    const size = this.#size(from);
    if (size !== undefined) this.#sizes.set(to, size);
    const entry = this.#entryOf(from);
    if (entry !== undefined) this.#entries.set(to, entry);
  }

  #operand(expr: Expr): Operand {
    const path = this.#pathOf(expr);
    const size = this.#sizeOrUnknown(expr);
    return { expr, type: this.#type(expr), path: path?.[0] === ACCUMULATOR ? undefined : path, size };
  }

  readonly #elementOf = (list: Operand): Operand | undefined => {
    const type = list.type.params[0];
    if (type === undefined) return undefined;
    const path = list.path === undefined ? undefined : [...list.path, '@items'];
    return { expr: undefined, type, path, size: this.#schemaSize(path) ?? UNKNOWN };
  };

  #sizeOrUnknown(expr: Expr): CostRange {
    return this.#size(expr) ?? UNKNOWN;
  }

  #size(expr: Expr): CostRange | undefined {
    const known = this.#sizes.get(expr) ?? literalSize(expr);
    if (known !== undefined) return known;
    const declared = this.#schemaSize(this.#pathOf(expr));
    if (declared !== undefined) {
      this.#sizes.set(expr, declared);
      return declared;
    }
    if (isScalar(this.#type(expr))) return ONE;
    return expr.kind === 'ident' ? this.#local(expr.name)?.size : undefined;
  }

  #entryOf(expr: Expr): EntrySize | undefined {
    const known = this.#entries.get(expr);
    if (known !== undefined) return known;
    return expr.kind === 'ident' ? this.#local(expr.name)?.entry : undefined;
  }

  /** The bounds of the schema; paths start at a variable of the root type. */
  #schemaSize(path: readonly string[] | undefined): CostRange | undefined {
    if (path === undefined || path.length === 0) return undefined;
    let type: DeclaredType | undefined = this.#root;
    for (const name of path.slice(1)) {
      if (name === '@items' || name === '@values') type = type.element;
      else if (name === '@keys') type = type.key;
      else type = type.fields?.get(name);
      if (type === undefined) return undefined;
    }
    return { min: 0, max: type.maxElements };
  }
}
