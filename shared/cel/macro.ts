/**
 * Macros: calls that the parser expands to comprehensions. Includes the standard ones, the two-variable ones of
 * cel-go's ext.TwoVarComprehensions, `sortBy` of ext.Lists, and those of optionals.
 */

import { type ComprehensionExpr, copyExpr, type Expr, OPERATOR } from './ast.ts';
import type { Value } from './value.ts';

export const ACCUMULATOR = '@result';
/** The former name of the accumulator, still reserved for iteration variables. */
const OLD_ACCUMULATOR = '__result__';
const UNUSED = '#unused';

export class MacroError extends Error {
  override readonly name = 'MacroError';
  readonly pos: number;
  constructor(pos: number, message: string) {
    super(message);
    this.pos = pos;
  }
}

interface MacroCall {
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
  /** Position assigned to new nodes. */
  readonly pos: number;
}

export interface Macro {
  readonly name: string;
  readonly receiver: boolean;
  readonly argCount: number;
  /** Throws `MacroError` for invalid arguments. */
  expand(call: MacroCall): Expr;
}

function call(pos: number, name: string, ...args: Expr[]): Expr {
  return { kind: 'call', pos, function: name, args };
}

function memberCall(pos: number, name: string, target: Expr, ...args: Expr[]): Expr {
  return { kind: 'call', pos, function: name, target, args };
}

function literal(pos: number, value: Value): Expr {
  return { kind: 'literal', pos, value };
}

function ident(pos: number, name: string): Expr {
  return { kind: 'ident', pos, name };
}

function list(pos: number, ...elements: Expr[]): Expr {
  return { kind: 'list', pos, elements, optionalIndices: [] };
}

function variable(expr: Expr, message: string): string {
  if (expr.kind !== 'ident' || expr.name.startsWith('.')) throw new MacroError(expr.pos, message);
  if (expr.name === ACCUMULATOR || expr.name === OLD_ACCUMULATOR) {
    throw new MacroError(expr.pos, 'iteration variable overwrites accumulator variable');
  }
  return expr.name;
}

interface IterVars {
  readonly iterVar: string;
  readonly iterVar2?: string;
}

function oneVar(args: readonly Expr[], message: string): IterVars {
  return { iterVar: variable(args[0]!, message) };
}

function twoVars(args: readonly Expr[]): IterVars {
  const iterVar = variable(args[0]!, 'argument must be a simple name');
  const iterVar2 = variable(args[1]!, 'argument must be a simple name');
  if (iterVar === iterVar2) throw new MacroError(args[1]!.pos, `duplicate variable name: ${iterVar}`);
  return { iterVar, iterVar2 };
}

type Fold = Pick<ComprehensionExpr, 'accuInit' | 'loopCondition' | 'loopStep' | 'result'>;
type FoldBuilder = (pos: number, args: readonly Expr[], vars: IterVars) => Fold;

const all: FoldBuilder = (pos, [predicate]) => ({
  accuInit: literal(pos, true),
  loopCondition: call(pos, OPERATOR.notStrictlyFalse, ident(pos, ACCUMULATOR)),
  loopStep: call(pos, OPERATOR.and, ident(pos, ACCUMULATOR), predicate!),
  result: ident(pos, ACCUMULATOR),
});

const exists: FoldBuilder = (pos, [predicate]) => ({
  accuInit: literal(pos, false),
  loopCondition: call(pos, OPERATOR.notStrictlyFalse, call(pos, OPERATOR.not, ident(pos, ACCUMULATOR))),
  loopStep: call(pos, OPERATOR.or, ident(pos, ACCUMULATOR), predicate!),
  result: ident(pos, ACCUMULATOR),
});

const existsOne: FoldBuilder = (pos, [predicate]) => ({
  accuInit: literal(pos, 0n),
  loopCondition: literal(pos, true),
  loopStep: call(
    pos,
    OPERATOR.conditional,
    predicate!,
    call(pos, OPERATOR.add, ident(pos, ACCUMULATOR), literal(pos, 1n)),
    ident(pos, ACCUMULATOR),
  ),
  result: call(pos, OPERATOR.equals, ident(pos, ACCUMULATOR), literal(pos, 1n)),
});

function collect(pos: number, accuInit: Expr, step: Expr, filter: Expr | undefined): Fold {
  return {
    accuInit,
    loopCondition: literal(pos, true),
    loopStep:
      filter === undefined ? step : call(pos, OPERATOR.conditional, filter, step, ident(pos, ACCUMULATOR)),
    result: ident(pos, ACCUMULATOR),
  };
}

function append(pos: number, element: Expr): Expr {
  return call(pos, OPERATOR.add, ident(pos, ACCUMULATOR), list(pos, element));
}

const transformList: FoldBuilder = (pos, args) =>
  collect(pos, list(pos), append(pos, args.at(-1)!), args.length > 1 ? args[0] : undefined);

const filter: FoldBuilder = (pos, [predicate], { iterVar }) =>
  collect(pos, list(pos), append(pos, ident(pos, iterVar)), predicate!);

const emptyMap = (pos: number): Expr => ({ kind: 'map', pos, entries: [] });

const transformMap: FoldBuilder = (pos, args, { iterVar }) =>
  collect(
    pos,
    emptyMap(pos),
    call(pos, OPERATOR.mapInsert, ident(pos, ACCUMULATOR), ident(pos, iterVar), args.at(-1)!),
    args.length > 1 ? args[0] : undefined,
  );

const transformMapEntry: FoldBuilder = (pos, args) =>
  collect(
    pos,
    emptyMap(pos),
    call(pos, OPERATOR.mapInsert, ident(pos, ACCUMULATOR), args.at(-1)!),
    args.length > 1 ? args[0] : undefined,
  );

function folding(name: string, vars: 1 | 2, rest: number, build: FoldBuilder): Macro {
  const message =
    name === 'map' || name === 'filter' ? 'argument is not an identifier' : 'argument must be a simple name';
  return {
    name,
    receiver: true,
    argCount: vars + rest,
    expand: ({ target, args, pos }) => {
      const iterVars = vars === 1 ? oneVar(args, message) : twoVars(args);
      return {
        kind: 'comprehension',
        pos,
        iterRange: target!,
        ...iterVars,
        accuVar: ACCUMULATOR,
        ...build(pos, args.slice(vars), iterVars),
      };
    },
  };
}

/** Binds `name` to `init` in `result`, as a comprehension over an empty list. */
function bind(pos: number, name: string, init: Expr, result: Expr): Expr {
  return {
    kind: 'comprehension',
    pos,
    iterRange: list(pos),
    iterVar: UNUSED,
    accuVar: name,
    accuInit: init,
    loopCondition: literal(pos, false),
    loopStep: ident(pos, name),
    result,
  };
}

const has: Macro = {
  name: 'has',
  receiver: false,
  argCount: 1,
  expand: ({ args: [arg], pos }) => {
    if (arg?.kind !== 'select' || arg.testOnly)
      throw new MacroError(arg!.pos, 'invalid argument to has() macro');
    return { ...arg, pos, testOnly: true };
  },
};

/** `target.name(v, e)`: `wrap` applied to `e` evaluated for the optional's value, or none. */
function optionalMap(name: string, wrap: (pos: number, value: Expr) => Expr): Macro {
  return {
    name,
    receiver: true,
    argCount: 2,
    expand: ({ target, args: [variableExpr, body], pos }) => {
      if (variableExpr?.kind !== 'ident') {
        throw new MacroError(variableExpr!.pos, `${name}() variable name must be a simple identifier`);
      }
      const value = memberCall(pos, 'value', copyExpr(target!));
      const bound = bind(pos, variableExpr.name, value, body!);
      return call(
        pos,
        OPERATOR.conditional,
        memberCall(pos, 'hasValue', target!),
        wrap(pos, bound),
        call(pos, 'optional.none'),
      );
    },
  };
}

const SORT_INPUT = '@__sortBy_input__';
const SORTABLE = new Set<Expr['kind']>(['list', 'select', 'ident', 'comprehension', 'call']);

const sortBy: Macro = {
  name: 'sortBy',
  receiver: true,
  argCount: 2,
  expand: ({ target, args, pos }) => {
    if (!SORTABLE.has(target!.kind)) {
      throw new MacroError(
        target!.pos,
        'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
      );
    }
    const keys = folding('map', 1, 1, transformList).expand({ target: ident(pos, SORT_INPUT), args, pos });
    return bind(
      pos,
      SORT_INPUT,
      target!,
      memberCall(pos, '@sortByAssociatedKeys', ident(pos, SORT_INPUT), keys),
    );
  },
};

/** `cel.bind(name, init, result)` of cel-go's ext.Bindings. */
const celBind: Macro = {
  name: 'bind',
  receiver: true,
  argCount: 3,
  expand: ({ target, args, pos }) => {
    if (target?.kind !== 'ident' || target.name !== 'cel') return memberCall(pos, 'bind', target!, ...args);
    const [name, init, result] = args;
    if (name?.kind !== 'ident') {
      throw new MacroError(name!.pos, 'cel.bind() variable names must be simple identifiers');
    }
    return bind(pos, name.name, init!, result!);
  },
};

export const BINDING_MACROS: readonly Macro[] = [celBind];

export const STANDARD_MACROS: readonly Macro[] = [
  has,
  folding('all', 1, 1, all),
  folding('exists', 1, 1, exists),
  folding('exists_one', 1, 1, existsOne),
  folding('existsOne', 1, 1, existsOne),
  folding('map', 1, 1, transformList),
  folding('map', 1, 2, transformList),
  folding('filter', 1, 1, filter),
];

export const OPTIONAL_MACROS: readonly Macro[] = [
  optionalMap('optMap', (pos, value) => call(pos, 'optional.of', value)),
  optionalMap('optFlatMap', (_pos, value) => value),
];

export const TWO_VARIABLE_MACROS: readonly Macro[] = [
  folding('all', 2, 1, all),
  folding('exists', 2, 1, exists),
  folding('existsOne', 2, 1, existsOne),
  folding('exists_one', 2, 1, existsOne),
  folding('transformList', 2, 1, transformList),
  folding('transformList', 2, 2, transformList),
  folding('transformMap', 2, 1, transformMap),
  folding('transformMap', 2, 2, transformMap),
  folding('transformMapEntry', 2, 1, transformMapEntry),
  folding('transformMapEntry', 2, 2, transformMapEntry),
];

export const LIST_MACROS: readonly Macro[] = [sortBy];
