/**
 * From a checked expression to a program: each node becomes a closure, which adds to the cost as it runs
 * (https://github.com/google/cel-go/blob/master/interpreter/planner.go).
 */

import {
  type CallExpr,
  type ComprehensionExpr,
  type Expr,
  type ListExpr,
  type MapExpr,
  OPERATOR,
  type SelectExpr,
  type StructExpr,
} from './ast.ts';
import type { Checked, Reference } from './checker.ts';
import { costOf, LIST_CREATE_COST, MAP_CREATE_COST, STRUCT_CREATE_COST } from './cost.ts';
import type { Declarations, FunctionDeclaration, Overload } from './declaration.ts';
import { CelError, CostLimitExceeded, NO_SUCH_OVERLOAD } from './error.ts';
import { compilePattern } from './library/regex.ts';
import {
  ArrayList,
  EntryMap,
  equal,
  isAssignable,
  ListValue,
  MapValue,
  ObjectValue,
  Optional,
  typeOf,
  Uint,
  type Value,
} from './value.ts';

/** Values of an expression's variables. */
export interface Activation {
  /** Undefined when there is no such variable. */
  resolve(name: string): Value | undefined;
}

export interface Evaluation {
  readonly value: Value;
  /** Cost units used. */
  readonly cost: number;
}

/** A program is stateless and may be shared. */
export interface Program {
  /** Throws `CostLimitExceeded`. Errors of the expression are values. */
  evaluate(activation: Activation, costLimit: number): Evaluation;
}

/** Raised where an expression can't become a program although its types fit: `int("x")`. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/** One evaluation's state. */
class Frame {
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

type Step = (frame: Frame) => Value;

/** A step, and what is known of it before it runs. */
interface Plan {
  readonly run: Step;
  /** Known beforehand: literals, lists of literals, conversions of literals. */
  readonly constant?: Value;
  /**
   * A chain of selections from a root. As the branch of a conditional or as an index, the root is free: cel-go
   * resolves it there without looking.
   */
  readonly runRootFree?: Step;
}

function constant(value: Value): Plan {
  return { run: () => value, constant: value };
}

interface Scope {
  readonly slots: ReadonlyMap<string, number>;
  readonly parent: Scope | undefined;
}

/** Turns a checked expression without issues into a program. Throws `ProgramError`. */
export function plan(checked: Checked, declarations: Declarations): Program {
  const planner = new Planner(checked, declarations);
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

/** A part of a value: a field, an element, an entry; undefined when absent. */
function lookup(operand: Value, key: Value): Value | undefined {
  if (operand instanceof MapValue) return operand.find(key);
  if (operand instanceof ListValue) {
    const index = listIndex(key);
    if (index instanceof CelError) return index;
    return index >= 0 && index < operand.size ? operand.get(index) : undefined;
  }
  if (operand instanceof ObjectValue && typeof key === 'string') return operand.find(key);
  return undefined;
}

function listIndex(key: Value): number | CelError {
  if (typeof key === 'bigint') return Number(key);
  if (key instanceof Uint) return Number(key.value);
  if (typeof key === 'number') {
    return Number.isInteger(key) ? key : new CelError(`unsupported index value ${key} in list`);
  }
  return new CelError(`unsupported index type '${typeOf(key).name}' in list`);
}

/** How messages write a key. */
function showKey(key: Value): string {
  if (key instanceof Uint) return String(key.value);
  if (typeof key === 'object' && key !== null) return typeOf(key).name;
  return String(key);
}

function absent(operand: Value, key: Value): CelError {
  return operand instanceof ListValue
    ? new CelError(`index out of bounds: ${showKey(key)}`)
    : new CelError(`no such key: ${showKey(key)}`);
}

/** Selects; out of an optional, and with `optional`, what is absent is none. */
function qualify(operand: Value, key: Value, optional: boolean): Value {
  if (operand instanceof CelError) return operand;
  if (key instanceof CelError) return key;
  const unwrapped = operand instanceof Optional ? operand.value : operand;
  if (unwrapped === undefined) return Optional.none;
  const found = lookup(unwrapped, key);
  if (found instanceof CelError) return found;
  if (optional || operand instanceof Optional)
    return found === undefined ? Optional.none : new Optional(found);
  return found === undefined ? absent(unwrapped, key) : found;
}

class Planner {
  slots = 0;
  #checked: Checked | undefined;
  #declarations: Declarations | undefined;

  constructor(checked: Checked, declarations: Declarations) {
    this.#checked = checked;
    this.#declarations = declarations;
  }

  /** Steps may hold on to their planner; what it planned from is large. */
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
        return this.#call(expr, scope);
      case 'list':
        return this.#list(expr, scope);
      case 'map':
        return this.#map(expr, scope);
      case 'struct':
        return this.#struct(expr, scope);
      case 'comprehension':
        return this.#comprehension(expr, scope);
    }
  }

  #reference(expr: Expr): Reference | undefined {
    return this.#checked?.references.get(expr);
  }

  #name(expr: Expr, name: string, scope: Scope | undefined): Plan {
    const reference = this.#reference(expr);
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
    const reference = this.#reference(expr);
    if (reference !== undefined) return this.#name(expr, '', scope);
    const operand = this.plan(expr.operand, scope);
    const { field } = expr;
    if (!expr.testOnly) return qualified(operand, (value) => qualify(value, field, false));
    const free = operand.runRootFree ?? operand.run;
    return {
      run: (frame) => {
        const value = free(frame);
        frame.charge(1);
        return isPresent(value, field);
      },
    };
  }

  #list(expr: ListExpr, scope: Scope | undefined): Plan {
    const plans = expr.elements.map((element) => this.plan(element, scope));
    const optional = new Set(expr.optionalIndices);
    if (optional.size === 0 && plans.every((element) => element.constant !== undefined)) {
      return constant(new ArrayList(plans.map((element) => element.constant!)));
    }
    const steps = plans.map((element) => element.run);
    return {
      run: (frame) => {
        const elements: Value[] = [];
        for (const [i, step] of steps.entries()) {
          const value = step(frame);
          if (value instanceof CelError) return value;
          const element = optional.has(i) ? unwrapOptional(value) : value;
          if (element instanceof CelError) return element;
          if (element !== undefined) elements.push(element);
        }
        frame.charge(LIST_CREATE_COST);
        return new ArrayList(elements);
      },
    };
  }

  #map(expr: MapExpr, scope: Scope | undefined): Plan {
    const plans = expr.entries.map((entry) => ({
      key: this.plan(entry.key, scope),
      value: this.plan(entry.value, scope),
      optional: entry.optional,
    }));
    const build = (frame: Frame): Value => {
      const entries: [Value, Value][] = [];
      for (const plan of plans) {
        const key = plan.key.run(frame);
        if (key instanceof CelError) return key;
        const value = plan.value.run(frame);
        if (value instanceof CelError) return value;
        const kept = plan.optional ? unwrapOptional(value) : value;
        if (kept instanceof CelError) return kept;
        if (kept !== undefined) entries.push([key, kept]);
      }
      return new EntryMap(entries);
    };
    const isConstant = plans.every(
      (entry) => !entry.optional && entry.key.constant !== undefined && entry.value.constant !== undefined,
    );
    if (isConstant)
      return constant(build(new Frame({ resolve: () => undefined }, Number.POSITIVE_INFINITY, 0)));
    return {
      run: (frame) => {
        const value = build(frame);
        frame.charge(MAP_CREATE_COST);
        return value;
      },
    };
  }

  #struct(expr: StructExpr, scope: Scope | undefined): Plan {
    const reference = this.#reference(expr);
    const struct = reference?.kind === 'struct' ? this.#declarations?.struct(reference.name) : undefined;
    const construct = struct?.construct?.bind(struct);
    if (construct === undefined) throw new ProgramError(`unknown type ${expr.typeName}`);
    const fields = expr.fields.map((field) => ({ ...field, run: this.plan(field.value, scope).run }));
    return {
      run: (frame) => {
        const values = new Map<string, Value>();
        for (const field of fields) {
          const value = field.run(frame);
          if (value instanceof CelError) return value;
          const kept = field.optional ? unwrapOptional(value) : value;
          if (kept instanceof CelError) return kept;
          if (kept !== undefined) values.set(field.name, kept);
        }
        frame.charge(STRUCT_CREATE_COST);
        return construct(values);
      },
    };
  }

  #comprehension(expr: ComprehensionExpr, scope: Scope | undefined): Plan {
    const range = this.plan(expr.iterRange, scope);
    const init = this.plan(expr.accuInit, scope);
    const accu = this.slots++;
    const outer: Scope = { slots: new Map([[expr.accuVar, accu]]), parent: scope };
    const first = this.slots++;
    const second = expr.iterVar2 === undefined ? undefined : this.slots++;
    const names: [string, number][] = [[expr.iterVar, first]];
    if (second !== undefined) names.push([expr.iterVar2!, second]);
    const inner: Scope = { slots: new Map(names), parent: outer };
    const condition = this.plan(expr.loopCondition, inner);
    const step = this.plan(expr.loopStep, inner);
    const result = this.plan(expr.result, outer);
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

  #call(expr: CallExpr, scope: Scope | undefined): Plan {
    switch (expr.function) {
      case OPERATOR.and:
        return logic(
          expr.args.map((arg) => this.plan(arg, scope).run),
          false,
        );
      case OPERATOR.or:
        return logic(
          expr.args.map((arg) => this.plan(arg, scope).run),
          true,
        );
      case OPERATOR.conditional:
        return this.#conditional(expr, scope);
      case OPERATOR.notStrictlyFalse: {
        const { run } = this.plan(expr.args[0]!, scope);
        return {
          run: (frame) => {
            const value = run(frame);
            frame.charge(1);
            return value !== false;
          },
        };
      }
      case OPERATOR.index:
        return this.#index(expr, scope, false);
      case OPERATOR.optIndex:
        return this.#index(expr, scope, true);
      case OPERATOR.optSelect: {
        const field = (expr.args[1] as { readonly value: Value }).value;
        return qualified(this.plan(expr.args[0]!, scope), (value) => qualify(value, field, true));
      }
      default:
        return this.#function(expr, scope);
    }
  }

  #conditional(expr: CallExpr, scope: Scope | undefined): Plan {
    const [condition, then, otherwise] = expr.args.map((arg) => this.plan(arg, scope)) as [Plan, Plan, Plan];
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

  #index(expr: CallExpr, scope: Scope | undefined, optional: boolean): Plan {
    const [operand, index] = expr.args.map((arg) => this.plan(arg, scope)) as [Plan, Plan];
    const key = index.constant;
    if (key !== undefined) return qualified(operand, (value) => qualify(value, key, optional));
    const runIndex = index.runRootFree ?? index.run;
    return qualified(operand, (value, frame) =>
      value instanceof CelError ? value : qualify(value, runIndex(frame), optional),
    );
  }

  #function(expr: CallExpr, scope: Scope | undefined): Plan {
    const reference = this.#reference(expr);
    if (reference?.kind !== 'function') throw new ProgramError(`no such function: ${expr.function}`);
    const target = expr.target !== undefined && !reference.namespaced ? [expr.target] : [];
    const args = [...target, ...expr.args].map((arg) => this.plan(arg, scope));
    const { declaration, overloads } = reference;
    const overload = overloads.length === 1 ? overloads[0]! : undefined;
    if (declaration.name === 'or' || declaration.name === 'orValue') {
      const optional = optionalOr(declaration.name, args);
      if (optional !== undefined && (overload === undefined || overload.id.startsWith('optional_')))
        return optional;
    }
    if (overload?.id === 'in_list' && args[1]!.constant !== undefined) {
      const membership = setMembership(args[0]!, args[1]!.constant);
      if (membership !== undefined) return membership;
    }
    const call = dispatcher(declaration, overloads, expr.target !== undefined && !reference.namespaced);
    if (PATTERNS.has(declaration.name)) checkPattern(args[1]?.constant);
    if (CONVERSIONS.has(declaration.name) && args.length === 1 && args[0]!.constant !== undefined) {
      const value = call([args[0]!.constant]);
      if (value instanceof CelError) throw new ProgramError(value.message);
      return constant(value);
    }
    return { run: strictCall(args, call, costOf(declaration.name, overload?.id)) };
  }
}

/** Functions that are computed beforehand for literals. */
const CONVERSIONS = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
]);

/** Functions whose literal pattern is compiled beforehand, and that no validator looks at. */
const PATTERNS = new Set(['find', 'findAll']);

function checkPattern(pattern: Value | undefined): void {
  if (typeof pattern !== 'string') return;
  const compiled = compilePattern(pattern);
  if (compiled instanceof CelError) throw new ProgramError(compiled.message);
}

/** A root that costs one. */
function attribute(resolve: Step): Plan {
  return {
    run: (frame) => {
      frame.charge(1);
      return resolve(frame);
    },
    runRootFree: resolve,
  };
}

/** One more selection on a chain; a chain that starts at a call costs one for its start. */
function qualified(operand: Plan, select: (value: Value, frame: Frame) => Value): Plan {
  const rooted: Step =
    operand.runRootFree === undefined
      ? (frame) => {
          const value = operand.run(frame);
          frame.charge(1);
          return value;
        }
      : operand.run;
  const free = operand.runRootFree ?? operand.run;
  const after =
    (before: Step): Step =>
    (frame) => {
      const value = select(before(frame), frame);
      if (value !== Optional.none) frame.charge(1);
      return value;
    };
  return { run: after(rooted), runRootFree: after(free) };
}

function isPresent(operand: Value, field: string): Value {
  if (operand instanceof CelError) return operand;
  const unwrapped = operand instanceof Optional ? operand.value : operand;
  if (unwrapped === undefined || unwrapped instanceof ListValue) return false;
  const found = lookup(unwrapped, field);
  return found instanceof CelError ? found : found !== undefined;
}

/** Undefined for none. */
function unwrapOptional(value: Value): Value | undefined {
  return value instanceof Optional
    ? value.value
    : new CelError(`cannot initialize optional list element from non-optional value ${showKey(value)}`);
}

/** `||` (until true) and `&&` (until false): an error counts only if nothing decides. */
function logic(steps: readonly Step[], decisive: boolean): Plan {
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

/** `or` and `orValue` look at their argument only if they need it. */
function optionalOr(name: string, args: readonly Plan[]): Plan | undefined {
  const [left, right] = args;
  if (left === undefined || right === undefined) return undefined;
  return {
    run: (frame) => {
      const value = left.run(frame);
      if (value instanceof CelError) return value;
      if (!(value instanceof Optional)) return NO_SUCH_OVERLOAD;
      if (value.value === undefined) return right.run(frame);
      return name === 'or' ? value : value.value;
    },
  };
}

/** `x in [literals]` is looked up and costs nothing. */
function setMembership(element: Plan, list: Value): Plan | undefined {
  if (!(list instanceof ListValue)) return undefined;
  if (list.size === 0) return constant(false);
  const members = [...list];
  const simple = members.every((member) => member !== null && typeof member !== 'object');
  if (!simple) return undefined;
  const strings = new Set(members.filter((member) => typeof member === 'string'));
  const others = members.filter((member) => typeof member !== 'string');
  return {
    run: (frame) => {
      const value = element.run(frame);
      if (value instanceof CelError) return value;
      if (typeof value === 'string') return strings.has(value);
      return others.some((member) => equal(member, value) === true);
    },
  };
}

type Call = (args: readonly Value[]) => Value;

/** Picks the overload by the arguments' run-time types. */
function dispatcher(
  declaration: FunctionDeclaration,
  overloads: readonly Overload[],
  isMember: boolean,
): Call {
  const { call } = declaration;
  if (call !== undefined) return (args) => call(...args);
  const candidates = overloads.filter(
    (overload) => overload.member === isMember && overload.call !== undefined,
  );
  return (args) => {
    for (const candidate of candidates) {
      if (candidate.args.length !== args.length) continue;
      if (!candidate.args.every((type, i) => isAssignable(type, args[i]!))) continue;
      return (candidate.call as (...values: readonly Value[]) => Value)(...args);
    }
    return new CelError(
      `no such overload: ${declaration.name}(${args.map((arg) => typeOf(arg).name).join(', ')})`,
    );
  };
}

function strictCall(
  plans: readonly Plan[],
  call: Call,
  cost: (args: readonly Value[], result: Value) => number,
): Step {
  const steps = plans.map((arg) => arg.run);
  return (frame) => {
    const args: Value[] = [];
    let error: CelError | undefined;
    for (const step of steps) {
      const value = step(frame);
      if (value instanceof CelError) error ??= value;
      args.push(value);
    }
    if (error !== undefined) {
      frame.charge(1);
      return error;
    }
    const result = call(args);
    frame.charge(cost(args, result));
    return result;
  };
}
