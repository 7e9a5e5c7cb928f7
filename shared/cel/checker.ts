/** The type checker, after cel-go's (https://github.com/google/cel-go/blob/master/checker/checker.go). */

import { assign, assignAll, type Bindings, isDynOrError, mostGeneral, substitute } from './assignability.ts';
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
import type { Declarations, FunctionDeclaration, Overload } from './declaration.ts';
import type { CompileIssue } from './error.ts';
import {
  BOOL,
  type CelType,
  DYN,
  ERROR,
  INT,
  isDyn,
  isOptionalType,
  listType,
  mapType,
  optionalType,
  typeParam,
  typeType,
} from './type.ts';
import { typeOf } from './value.ts';

/** The resolved meaning of a name in the source. */
export type Reference =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'type'; readonly type: CelType }
  | { readonly kind: 'struct'; readonly name: string }
  | {
      readonly kind: 'function';
      readonly declaration: FunctionDeclaration;
      readonly overloads: readonly Overload[];
      /** The target is a namespace (`sets.contains`), not an argument. */
      readonly namespaced: boolean;
    };

export interface Checked {
  readonly expr: Expr;
  readonly types: ReadonlyMap<Expr, CelType>;
  readonly references: ReadonlyMap<Expr, Reference>;
  readonly issues: readonly CompileIssue[];
}

/** Type-checks an expression. Reports all issues, not only the first. */
export function check(expr: Expr, declarations: Declarations): Checked {
  const checker = new Checker(declarations);
  checker.check(expr);
  return checker.finish(expr);
}

const NO_TYPE_PARAMS: readonly string[] = [];
const typeParamsOf = new WeakMap<Overload, readonly string[]>();

function typeParams(overload: Overload): readonly string[] {
  const known = typeParamsOf.get(overload);
  if (known !== undefined) return known;
  const found = new Set<string>();
  const visit = (type: CelType): void => {
    if (type.kind === 'typeParam') found.add(type.name);
    for (const param of type.params) visit(param);
  };
  for (const type of [...overload.args, overload.result]) visit(type);
  const names = found.size === 0 ? NO_TYPE_PARAMS : [...found];
  typeParamsOf.set(overload, names);
  return names;
}

/** The dotted name `a.b.c`, if the expression consists of identifiers and selections only. */
function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.testOnly) return undefined;
  const operand = qualifiedName(expr.operand);
  return operand === undefined ? undefined : `${operand}.${expr.field}`;
}

class Checker {
  readonly #types = new Map<Expr, CelType>();
  readonly #references = new Map<Expr, Reference>();
  readonly #issues: CompileIssue[] = [];
  readonly #declarations: Declarations;
  /** Comprehension variables, innermost last. */
  readonly #scopes: Map<string, CelType>[] = [];
  #bindings: Bindings = new Map();
  #freshTypes = 0;

  constructor(declarations: Declarations) {
    this.#declarations = declarations;
  }

  finish(expr: Expr): Checked {
    const types = new Map<Expr, CelType>();
    for (const [node, type] of this.#types) types.set(node, substitute(this.#bindings, type, DYN));
    return { expr, types, references: this.#references, issues: this.#issues };
  }

  check(expr: Expr): void {
    this.#types.set(expr, this.#typeOf(expr));
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case 'literal':
        return typeOf(expr.value);
      case 'ident':
        return this.#identifier(expr, expr.name) ?? this.#undeclared(expr.pos, expr.name);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'comprehension':
        return this.#comprehension(expr);
    }
  }

  #report(pos: number, message: string): void {
    this.#issues.push({ pos, message });
  }

  #undeclared(pos: number, name: string): CelType {
    this.#report(pos, `undeclared reference to '${name}' (in container '')`);
    return ERROR;
  }

  #type(expr: Expr): CelType {
    return this.#types.get(expr)!;
  }

  #resolved(type: CelType): CelType {
    return substitute(this.#bindings, type);
  }

  #freshType(): CelType {
    return typeParam(`_var${this.#freshTypes++}`);
  }

  #accepts(to: CelType, from: CelType): boolean {
    const bindings = assign(this.#bindings, to, from);
    if (bindings === undefined) return false;
    this.#bindings = bindings;
    return true;
  }

  /** Resolves a name to a local variable, a global variable or a type, and records it as the expression's reference. */
  #identifier(expr: Expr, name: string): CelType | undefined {
    const global = name.startsWith('.') ? name.slice(1) : name;
    if (global === name) {
      for (const scope of this.#scopes.toReversed()) {
        const local = scope.get(name);
        if (local !== undefined) return local;
      }
    }
    const variable = this.#declarations.variable(global);
    if (variable !== undefined) {
      this.#references.set(expr, { kind: 'variable', name: global });
      return variable;
    }
    const type = this.#declarations.type(global);
    if (type === undefined) return undefined;
    this.#references.set(expr, { kind: 'type', type });
    return typeType(type);
  }

  #select(expr: SelectExpr): CelType {
    const name = qualifiedName(expr);
    if (name !== undefined && !this.#isLocal(name)) {
      const type = this.#identifier(expr, name);
      if (type !== undefined) return type;
    }
    const result = this.#field(expr, expr.operand, expr.field);
    return expr.testOnly ? BOOL : this.#resolved(result);
  }

  #isLocal(name: string): boolean {
    const root = name.split('.', 1)[0]!;
    return this.#scopes.some((scope) => scope.has(root));
  }

  #field(expr: Expr, operand: Expr, field: string, asked?: 'optional'): CelType {
    this.check(operand);
    const operandType = this.#resolved(this.#type(operand));
    const isOptional = isOptionalType(operandType);
    const target = isOptional ? operandType.params[0]! : operandType;
    const result = this.#fieldOf(expr.pos, target, field);
    return isOptional || asked === 'optional' ? optionalType(result) : result;
  }

  #fieldOf(pos: number, target: CelType, field: string): CelType {
    switch (target.kind) {
      case 'map':
        return target.params[1]!;
      case 'struct': {
        const struct = this.#declarations.struct(target.name);
        const type = struct?.field(field);
        if (type !== undefined) return type;
        const problem = `unexpected failed resolution of '${target.name}'`;
        this.#report(pos, struct === undefined ? problem : `undefined field '${field}'`);
        return ERROR;
      }
      case 'typeParam':
        this.#accepts(DYN, target);
        return DYN;
      default:
        if (!isDynOrError(target)) this.#report(pos, `type '${target}' does not support field selection`);
        return DYN;
    }
  }

  #call(expr: CallExpr): CelType {
    if (expr.function === OPERATOR.optSelect) {
      const [operand, field] = expr.args;
      const name = field!.kind === 'literal' ? String(field!.value) : '';
      return this.#resolved(this.#field(expr, operand!, name, 'optional'));
    }
    for (const arg of expr.args) this.check(arg);
    if (expr.target === undefined) {
      const declaration = this.#declarations.function(expr.function.replace(/^\./, ''));
      if (declaration === undefined) return this.#undeclared(expr.pos, expr.function);
      return this.#overload(expr, declaration, undefined);
    }
    const namespace = qualifiedName(expr.target);
    const namespaced = this.#declarations.function(`${namespace?.replace(/^\./, '')}.${expr.function}`);
    if (namespace !== undefined && namespaced !== undefined)
      return this.#overload(expr, namespaced, undefined);
    this.check(expr.target);
    const declaration = this.#declarations.function(expr.function);
    if (declaration === undefined) return this.#undeclared(expr.pos, expr.function);
    return this.#overload(expr, declaration, expr.target);
  }

  #overload(expr: CallExpr, declaration: FunctionDeclaration, target: Expr | undefined): CelType {
    const args = target === undefined ? expr.args : [target, ...expr.args];
    const types = args.map((arg) => this.#type(arg));
    const matches: Overload[] = [];
    let result: CelType | undefined;
    if (declaration.name === OPERATOR.and || declaration.name === OPERATOR.or) {
      return this.#logic(expr, declaration);
    }
    for (const overload of declaration.overloads) {
      if (overload.member !== (target !== undefined)) continue;
      const fresh = new Map(typeParams(overload).map((name) => [name, this.#freshType()]));
      const accepted = overload.args.map((type) => substitute(fresh, type));
      const bindings = assignAll(this.#bindings, types, accepted);
      if (bindings === undefined) continue;
      this.#bindings = bindings;
      matches.push(overload);
      const type = this.#resolved(substitute(fresh, overload.result));
      if (result === undefined) result = type;
      else if (!isDyn(result) && !type.equals(result)) result = DYN;
    }
    if (result === undefined) {
      const shown = types.map((type) => `${substitute(this.#bindings, type, DYN)}`);
      const signature =
        target === undefined ? `(${shown.join(', ')})` : `${shown[0]}.(${shown.slice(1).join(', ')})`;
      this.#report(
        expr.pos,
        `found no matching overload for '${declaration.name}' applied to '${signature}'`,
      );
      return ERROR;
    }
    const namespaced = expr.target !== undefined && target === undefined;
    this.#references.set(expr, { kind: 'function', declaration, overloads: matches, namespaced });
    return result;
  }

  /** `&&` and `||` report each operand that is not boolean. */
  #logic(expr: CallExpr, declaration: FunctionDeclaration): CelType {
    let result = BOOL;
    for (const arg of expr.args) {
      const type = this.#type(arg);
      if (this.#accepts(type, BOOL)) continue;
      this.#report(arg.pos, `expected type 'bool' but found '${type}'`);
      result = ERROR;
    }
    this.#references.set(expr, {
      kind: 'function',
      declaration,
      overloads: declaration.overloads,
      namespaced: false,
    });
    return result;
  }

  #list(expr: ListExpr): CelType {
    let element: CelType | undefined;
    for (const [i, item] of expr.elements.entries()) {
      this.check(item);
      const type = expr.optionalIndices.includes(i) ? this.#unwrapped(item) : this.#type(item);
      element = this.#join(element, type);
    }
    return listType(element ?? this.#freshType());
  }

  #map(expr: MapExpr): CelType {
    let key: CelType | undefined;
    let value: CelType | undefined;
    for (const entry of expr.entries) {
      this.check(entry.key);
      key = this.#join(key, this.#type(entry.key));
      this.check(entry.value);
      const type = entry.optional ? this.#unwrapped(entry.value) : this.#type(entry.value);
      value = this.#join(value, type);
    }
    return mapType(key ?? this.#freshType(), value ?? this.#freshType());
  }

  /** The element type of the optional that is the operand of `?`. */
  #unwrapped(expr: Expr): CelType {
    const type = this.#type(expr);
    if (isOptionalType(type)) return type.params[0]!;
    if (!isDyn(type)) this.#report(expr.pos, `expected type '${optionalType(type)}' but found '${type}'`);
    return type;
  }

  #join(previous: CelType | undefined, current: CelType): CelType {
    if (previous === undefined) return current;
    if (this.#accepts(previous, current)) return mostGeneral(previous, current);
    return DYN;
  }

  #struct(expr: StructExpr): CelType {
    const name = expr.typeName.replace(/^\./, '');
    const struct = this.#declarations.struct(name);
    const usable = struct?.construct === undefined ? undefined : struct;
    if (usable !== undefined) this.#references.set(expr, { kind: 'struct', name });
    else if (this.#declarations.type(name) !== undefined && !name.includes('.'))
      this.#report(expr.pos, `'${name}' is not a message type`);
    else this.#undeclared(expr.pos, expr.typeName);
    for (const field of expr.fields) {
      this.check(field.value);
      if (usable === undefined) continue;
      const value = field.optional ? this.#unwrapped(field.value) : this.#type(field.value);
      const type = usable.field(field.name);
      if (type === undefined) this.#report(field.pos, `undefined field '${field.name}'`);
      else if (!this.#accepts(type, value)) {
        this.#report(
          field.pos,
          `expected type of field '${field.name}' is '${type}' but provided type is '${this.#resolved(value)}'`,
        );
      }
    }
    return usable?.type ?? ERROR;
  }

  #comprehension(expr: ComprehensionExpr): CelType {
    this.check(expr.iterRange);
    this.check(expr.accuInit);
    const accumulator = this.#type(expr.accuInit);
    this.#scopes.push(new Map([[expr.accuVar, accumulator]]));
    const [first, second] = this.#iteration(expr);
    const scope = new Map([[expr.iterVar, first]]);
    if (expr.iterVar2 !== undefined) scope.set(expr.iterVar2, second);
    this.#scopes.push(scope);
    this.check(expr.loopCondition);
    this.#assertType(expr.loopCondition, BOOL);
    this.check(expr.loopStep);
    this.#assertType(expr.loopStep, accumulator);
    this.#scopes.pop();
    this.check(expr.result);
    this.#scopes.pop();
    return this.#resolved(this.#type(expr.result));
  }

  /** The types of the one or two iteration variables. */
  #iteration(expr: ComprehensionExpr): [CelType, CelType] {
    const range = this.#resolved(this.#type(expr.iterRange));
    const two = expr.iterVar2 !== undefined;
    switch (range.kind) {
      case 'list':
        return two ? [INT, range.params[0]!] : [range.params[0]!, DYN];
      case 'map':
        return [range.params[0]!, range.params[1]!];
      case 'dyn':
      case 'error':
      case 'typeParam':
        this.#accepts(DYN, range);
        return [DYN, DYN];
      default:
        this.#report(
          expr.iterRange.pos,
          `expression of type '${range}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [ERROR, ERROR];
    }
  }

  #assertType(expr: Expr, type: CelType): void {
    const actual = this.#type(expr);
    if (!this.#accepts(type, actual)) this.#report(expr.pos, `expected type '${type}' but found '${actual}'`);
  }
}
