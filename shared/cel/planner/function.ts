/** Plans function calls: resolves overloads and evaluates constant calls in advance. */

import type { CallExpr } from '../ast.ts';
import { type Cost, costOf, needsResult } from '../cost.ts';
import type { FunctionDeclaration, Overload } from '../declaration.ts';
import { CelError, NO_SUCH_OVERLOAD, ProgramError } from '../error.ts';
import { compilePattern } from '../library/regex.ts';
import { equal, isAssignable, ListValue, ObjectValue, Optional, typeOf, type Value } from '../value.ts';
import { constant, type Plan, type Planner, type Scope, type Step } from './plan.ts';

export function planFunction(planner: Planner, expr: CallExpr, scope: Scope | undefined): Plan {
  const reference = planner.reference(expr);
  if (reference?.kind !== 'function') throw new ProgramError(`no such function: ${expr.function}`);
  const target = expr.target !== undefined && !reference.namespaced ? [expr.target] : [];
  const args = [...target, ...expr.args].map((arg) => planner.plan(arg, scope));
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
  const isKnown = args.length > 0 && args.every(({ constant }) => constant !== undefined);
  const remembered = isKnown ? remembering(call) : call;
  return { run: strictCall(args, remembered, costOf(declaration.name, overload?.id)) };
}

/**
 * Caches the result of a call whose arguments are constant, as functions have no side effects. Each evaluation is
 * charged, as in Go; only small results are cached.
 */
function remembering(call: Call): Call {
  let known: Value | undefined;
  return (args) => {
    if (known !== undefined) return known;
    const value = call(args);
    if (typeof value === 'boolean' || value instanceof ObjectValue) known = value;
    return value;
  };
}

/** Functions evaluated at plan time for literal arguments. */
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

/** Functions whose literal pattern is compiled at plan time, and which the validators do not check. */
const PATTERNS = new Set(['find', 'findAll']);

function checkPattern(pattern: Value | undefined): void {
  if (typeof pattern !== 'string') return;
  const compiled = compilePattern(pattern);
  if (compiled instanceof CelError) throw new ProgramError(compiled.message);
}

/** `or` and `orValue` evaluate their argument only if needed. */
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

/** `x in [literals]` is a set lookup and costs nothing. */
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

/** Selects the overload by the run-time types of the arguments. */
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

/** Placeholder for the result, for costs that do not depend on it. */
const NOT_YET: Value = null;

function strictCall(plans: readonly Plan[], call: Call, cost: Cost): Step {
  const steps = plans.map((arg) => arg.run);
  const paysAfter = needsResult(cost);
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
    if (!paysAfter) {
      frame.charge(cost(args, NOT_YET));
      return call(args);
    }
    const result = call(args);
    frame.charge(cost(args, result));
    return result;
  };
}
