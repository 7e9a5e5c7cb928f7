/** Plans list, map and struct literals. */

import type { ListExpr, MapExpr, StructExpr } from '../ast.ts';
import { LIST_CREATE_COST, MAP_CREATE_COST, STRUCT_CREATE_COST } from '../cost.ts';
import { CelError, ProgramError } from '../error.ts';
import { ArrayList, EntryMap, Optional, type Value } from '../value.ts';
import { constant, Frame, type Plan, type Planner, type Scope } from './plan.ts';
import { showKey } from './qualify.ts';

export function planList(planner: Planner, expr: ListExpr, scope: Scope | undefined): Plan {
  const plans = expr.elements.map((element) => planner.plan(element, scope));
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

export function planMap(planner: Planner, expr: MapExpr, scope: Scope | undefined): Plan {
  const plans = expr.entries.map((entry) => ({
    key: planner.plan(entry.key, scope),
    value: planner.plan(entry.value, scope),
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

export function planStruct(planner: Planner, expr: StructExpr, scope: Scope | undefined): Plan {
  const reference = planner.reference(expr);
  const struct = reference?.kind === 'struct' ? planner.struct(reference.name) : undefined;
  const construct = struct?.construct?.bind(struct);
  if (construct === undefined) throw new ProgramError(`unknown type ${expr.typeName}`);
  const fields = expr.fields.map((field) => ({ ...field, run: planner.plan(field.value, scope).run }));
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

/** Undefined for `optional.none()`. */
function unwrapOptional(value: Value): Value | undefined {
  return value instanceof Optional
    ? value.value
    : new CelError(`cannot initialize optional list element from non-optional value ${showKey(value)}`);
}
