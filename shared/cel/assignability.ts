/** Type unification, after cel-go's checker (https://github.com/google/cel-go/blob/master/checker/types.go). */

import { type CelType, isDyn, CelType as Type } from './type.ts';

/** Bindings of type parameters. Copied, never modified, so that a failed attempt has no effect. */
export type Bindings = ReadonlyMap<string, CelType>;

export function isDynOrError(type: CelType): boolean {
  return type.kind === 'error' || isDyn(type);
}

/** The bindings under which `from` is assignable to `to`; undefined if it is not. */
export function assign(bindings: Bindings, to: CelType, from: CelType): Bindings | undefined {
  const copy = new Map(bindings);
  return assignable(copy, to, from) ? copy : undefined;
}

export function assignAll(
  bindings: Bindings,
  to: readonly CelType[],
  from: readonly CelType[],
): Bindings | undefined {
  const copy = new Map(bindings);
  return allAssignable(copy, to, from) ? copy : undefined;
}

function allAssignable(
  bindings: Map<string, CelType>,
  to: readonly CelType[],
  from: readonly CelType[],
): boolean {
  return to.length === from.length && to.every((type, i) => assignable(bindings, type, from[i]!));
}

function assignable(bindings: Map<string, CelType>, t1: CelType, t2: CelType): boolean {
  if (t2.kind === 'typeParam') {
    const substitution = substitutes(bindings, t1, t2);
    if (substitution.valid) return true;
    if (substitution.bound) return false;
  }
  if (t1.kind === 'typeParam') return substitutes(bindings, t2, t1).valid;
  if (isDynOrError(t1) || isDynOrError(t2)) return true;
  if (t1.kind === 'null') return isNullable(t2);
  if (t2.kind === 'null') return isNullable(t1);
  switch (t1.kind) {
    case 'type':
      return t2.kind === 'type';
    case 'opaque':
    case 'list':
    case 'map':
      return t1.kind === t2.kind && t1.name === t2.name && allAssignable(bindings, t1.params, t2.params);
    default:
      return t1.equals(t2);
  }
}

/** Messages and similar types accept null for historical reasons. */
function isNullable(type: CelType): boolean {
  return ['null', 'opaque', 'struct', 'duration', 'timestamp'].includes(type.kind);
}

/** Whether parameter `t2` may be bound to `t1`, and whether it was already bound. */
function substitutes(
  bindings: Map<string, CelType>,
  t1: CelType,
  t2: CelType,
): { readonly valid: boolean; readonly bound: boolean } {
  if (t1.equals(t2)) return { valid: true, bound: true };
  const bound = bindings.get(t2.name);
  if (bound !== undefined) {
    if (t1.equals(bound)) return { valid: true, bound: true };
    if (!assignable(bindings, t1, bound)) return { valid: false, bound: true };
    const general = mostGeneral(t1, bound);
    if (isAbsentFrom(bindings, t2, general)) bindings.set(t2.name, general);
    return { valid: true, bound: true };
  }
  if (!isAbsentFrom(bindings, t2, t1)) return { valid: false, bound: false };
  bindings.set(t2.name, t1);
  return { valid: true, bound: false };
}

/** The occurs check. */
function isAbsentFrom(bindings: Bindings, type: CelType, within: CelType): boolean {
  if (type.equals(within)) return false;
  if (within.kind === 'typeParam') {
    const bound = bindings.get(within.name);
    return bound === undefined || isAbsentFrom(bindings, type, bound);
  }
  return within.params.every((param) => isAbsentFrom(bindings, type, param));
}

/** The more general of two types that unify. */
export function mostGeneral(t1: CelType, t2: CelType): CelType {
  return isLessSpecific(t1, t2) ? t1 : t2;
}

function isLessSpecific(t1: CelType, t2: CelType): boolean {
  if (isDyn(t1) || t1.kind === 'typeParam') return true;
  if (isDyn(t2) || t2.kind === 'typeParam') return false;
  if (t1.kind !== t2.kind) return false;
  switch (t1.kind) {
    case 'opaque':
    case 'list':
    case 'map':
      return (
        t1.name === t2.name &&
        t1.params.length === t2.params.length &&
        t1.params.every((param, i) => isLessSpecific(param, t2.params[i]!))
      );
    case 'type':
      return true;
    default:
      return t1.equals(t2);
  }
}

/** Replaces bound type parameters in `type`, and unbound ones by `unbound` if it is given. */
export function substitute(bindings: Bindings, type: CelType, unbound?: CelType): CelType {
  if (type.kind === 'typeParam') {
    const bound = bindings.get(type.name);
    if (bound !== undefined) return substitute(bindings, bound, unbound);
    return unbound ?? type;
  }
  if (type.params.length === 0) return type;
  return new Type(
    type.kind,
    type.name,
    type.params.map((param) => substitute(bindings, param, unbound)),
  );
}
