/** The declarations of an environment: variables, functions and struct types. */

import type { CelType } from './type.ts';
import type { Value } from './value.ts';

/** One signature of a function. A member's target is its first argument. */
export interface Overload {
  /** cel-go's ID; cost functions are looked up by it. */
  readonly id: string;
  readonly member: boolean;
  readonly args: readonly CelType[];
  readonly result: CelType;
  /**
   * Called with arguments that match the signature and are not errors. Absent for functions implemented by the
   * interpreter (logic, indexing, optionals).
   */
  readonly call?: (...args: never[]) => Value;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly overloads: readonly Overload[];
  /** An implementation for all overloads, which checks its own arguments. */
  readonly call?: ((...args: Value[]) => Value) | undefined;
}

/** A type with named fields. */
export interface StructDeclaration {
  readonly name: string;
  readonly type: CelType;
  /** The field's type; undefined if there is no such field. */
  field(name: string): CelType | undefined;
  /** Constructs a value from a literal `Name{field: value}`; absent if the type has no literals. */
  construct?(fields: ReadonlyMap<string, Value>): Value;
}

export interface Declarations {
  /** Type of a variable, by its possibly dotted name. */
  variable(name: string): CelType | undefined;
  function(name: string): FunctionDeclaration | undefined;
  struct(name: string): StructDeclaration | undefined;
  /** Type identifiers: `int`, `google.protobuf.Timestamp`. */
  type(name: string): CelType | undefined;
}

/** A function with one signature. */
export function fn(
  name: string,
  id: string,
  args: readonly CelType[],
  result: CelType,
  call: (...args: never[]) => Value,
): FunctionDeclaration {
  return { name, overloads: [{ id, member: false, args, result, call }] };
}

/** A member function with one signature. */
export function member(
  name: string,
  id: string,
  args: readonly CelType[],
  result: CelType,
  call: (...args: never[]) => Value,
): FunctionDeclaration {
  return { name, overloads: [{ id, member: true, args, result, call }] };
}

/** Merges declarations of the same name, appending their overloads in order. */
export function mergeFunctions(
  declarations: Iterable<FunctionDeclaration>,
): ReadonlyMap<string, FunctionDeclaration> {
  const merged = new Map<string, FunctionDeclaration>();
  for (const declaration of declarations) {
    const known = merged.get(declaration.name);
    merged.set(
      declaration.name,
      known === undefined
        ? declaration
        : {
            name: known.name,
            overloads: [...known.overloads, ...declaration.overloads],
            call: known.call ?? declaration.call,
          },
    );
  }
  return merged;
}
