/**
 * The CEL environment of policies, custom resource rules, and authentication and authorization configuration
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/environment/base.go).
 *
 * It is implemented here because no CEL library for JavaScript has the features that Kubernetes' API depends on: costs,
 * reporting all errors of an expression, struct literals, maps as ranges, and the checker's types.
 */

import type { Activation } from './activation.ts';
import { type Checked, check } from './checker.ts';
import { PER_CALL_LIMIT } from './cost.ts';
import {
  type Declarations,
  type FunctionDeclaration,
  mergeFunctions,
  type StructDeclaration,
} from './declaration.ts';
import { CelError, type CompileIssue, formatIssues, ProgramError } from './error.ts';
import { type Evaluation, type Program, plan } from './interpreter.ts';
import { AUTHORIZER, AUTHORIZER_SELECTORS, AuthorizationPending } from './library/authorizer.ts';
import { MAP_INSERT } from './library/comprehensions.ts';
import { FORMAT } from './library/format.ts';
import { CIDR_FUNCTIONS, CIDR_TYPE, IP_FUNCTIONS, IP_TYPE } from './library/ip.ts';
import { KUBERNETES_LISTS, LISTS } from './library/lists.ts';
import { OPTIONAL } from './library/optional.ts';
import { QUANTITY } from './library/quantity.ts';
import { REGEX } from './library/regex.ts';
import { SEMVER } from './library/semver.ts';
import { SETS } from './library/sets.ts';
import { STANDARD, STANDARD_TYPES } from './library/standard.ts';
import { STRINGS } from './library/strings.ts';
import { URLS } from './library/url.ts';
import { LIST_MACROS, type Macro, OPTIONAL_MACROS, STANDARD_MACROS, TWO_VARIABLE_MACROS } from './macro.ts';
import { parse } from './parser.ts';
import type { CelType } from './type.ts';
import { validate } from './validators.ts';
import type { Value } from './value.ts';

interface Library {
  /** Minor version of Kubernetes 1 that introduced it. */
  readonly since: number;
  readonly functions: readonly FunctionDeclaration[];
  readonly macros?: readonly Macro[];
}

const LIBRARIES: readonly Library[] = [
  { since: 0, functions: STANDARD, macros: STANDARD_MACROS },
  { since: 0, functions: [...URLS, ...REGEX, ...KUBERNETES_LISTS, ...STRINGS] },
  { since: 27, functions: AUTHORIZER },
  { since: 28, functions: [...OPTIONAL, ...QUANTITY], macros: OPTIONAL_MACROS },
  { since: 29, functions: SETS },
  { since: 30, functions: [...IP_FUNCTIONS, ...CIDR_FUNCTIONS] },
  { since: 31, functions: [...FORMAT, ...AUTHORIZER_SELECTORS] },
  { since: 32, functions: MAP_INSERT, macros: TWO_VARIABLE_MACROS },
  { since: 33, functions: SEMVER },
  { since: 34, functions: LISTS, macros: LIST_MACROS },
];

const CURRENT_VERSION = 36;

const TYPES: ReadonlyMap<string, CelType> = new Map([
  ...STANDARD_TYPES,
  ...[IP_TYPE, CIDR_TYPE].map((type) => [type.name, type] as const),
]);

interface Base {
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly macros: readonly Macro[];
}

const bases = new Map<number, Base>();

function baseOf(version: number): Base {
  let base = bases.get(version);
  if (base === undefined) {
    const libraries = LIBRARIES.filter((library) => library.since <= version);
    base = {
      functions: mergeFunctions(libraries.flatMap((library) => library.functions)),
      macros: libraries.flatMap((library) => library.macros ?? []),
    };
    bases.set(version, base);
  }
  return base;
}

export interface EnvironmentOptions {
  /** Types by variable name, which may be dotted (`authorizer.requestResource`). */
  readonly variables: Readonly<Record<string, CelType>>;
  readonly structs?: readonly StructDeclaration[] | undefined;
  readonly functions?: readonly FunctionDeclaration[] | undefined;
  /** Resolves struct types that can't be enumerated. */
  readonly resolveStruct?: ((name: string) => StructDeclaration | undefined) | undefined;
  readonly macros?: readonly Macro[] | undefined;
  /** Minor version of Kubernetes whose libraries are available; default: the current one. */
  readonly version?: number | undefined;
}

/** A compiled expression. Stateless: compile once, evaluate concurrently. */
export interface CompiledExpression {
  readonly source: string;
  readonly program: Program;
  readonly type: CelType;
  /** For cost estimates. */
  readonly checked: Checked;
  /** Whether the expression refers to the variable. */
  uses(variable: string): boolean;
}

/** The expression does not compile. `message` is upstream's text without its prefix. */
export class CompileError extends Error {
  override readonly name = 'CompileError';
  /** `compilation`: a syntax or type error. `program`: a literal that can't be evaluated. */
  readonly stage: 'compilation' | 'program';

  constructor(stage: 'compilation' | 'program', message: string) {
    super(message);
    this.stage = stage;
  }
}

export class CelEnvironment implements Declarations {
  readonly #options: EnvironmentOptions;
  readonly #base: Base;
  readonly #functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly #structs: ReadonlyMap<string, StructDeclaration>;
  readonly #variables: ReadonlyMap<string, CelType>;
  readonly #optionalSyntax: boolean;

  constructor(options: EnvironmentOptions) {
    const version = options.version ?? CURRENT_VERSION;
    this.#options = options;
    this.#base = baseOf(version);
    this.#functions = mergeFunctions(options.functions ?? []);
    this.#structs = new Map((options.structs ?? []).map((struct) => [struct.name, struct]));
    this.#variables = new Map(Object.entries(options.variables));
    this.#optionalSyntax = version >= 28;
  }

  /** The same environment with additions; variables of the same name are replaced. */
  extend(more: Partial<EnvironmentOptions>): CelEnvironment {
    const { variables, structs = [], functions = [], macros = [] } = this.#options;
    return new CelEnvironment({
      variables: { ...variables, ...more.variables },
      structs: [...structs, ...(more.structs ?? [])],
      functions: [...functions, ...(more.functions ?? [])],
      resolveStruct: more.resolveStruct ?? this.#options.resolveStruct,
      macros: [...macros, ...(more.macros ?? [])],
      version: more.version ?? this.#options.version,
    });
  }

  variable(name: string): CelType | undefined {
    return this.#variables.get(name);
  }

  function(name: string): FunctionDeclaration | undefined {
    return this.#functions.get(name) ?? this.#base.functions.get(name);
  }

  struct(name: string): StructDeclaration | undefined {
    return this.#structs.get(name) ?? this.#options.resolveStruct?.(name);
  }

  type(name: string): CelType | undefined {
    return TYPES.get(name) ?? this.struct(name)?.type;
  }

  /** Throws a `CompileError` with all issues in cel-go's format. */
  compile(source: string): CompiledExpression {
    const fail = (issues: readonly CompileIssue[]): CompileError =>
      new CompileError('compilation', formatIssues(source, issues));
    const macros = [...this.#base.macros, ...(this.#options.macros ?? [])];
    const parsed = parse(source, { macros, optionalSyntax: this.#optionalSyntax });
    if (parsed.expr === undefined) throw fail(parsed.issues);
    const checked = check(parsed.expr, this);
    if (checked.issues.length > 0) throw fail(checked.issues);
    const invalid = validate(checked);
    if (invalid.length > 0) throw fail(invalid);
    const names = new Set<string>();
    for (const reference of checked.references.values()) {
      if (reference.kind === 'variable') names.add(reference.name);
    }
    return {
      source,
      program: this.#plan(checked),
      type: checked.types.get(parsed.expr)!,
      checked,
      uses: (variable) => names.has(variable),
    };
  }

  #plan(checked: Checked): Program {
    try {
      return plan(checked, this);
    } catch (error) {
      if (error instanceof ProgramError) throw new CompileError('program', error.message);
      throw error;
    }
  }
}

/** An activation of the given values. */
export function activationOf(values: Readonly<Record<string, Value>>): Activation {
  return { resolve: (name) => (Object.hasOwn(values, name) ? values[name] : undefined) };
}

/** Evaluates an expression without authorization checks. Throws `CostLimitExceeded`. */
export function evaluate(
  { program }: Pick<CompiledExpression, 'program'>,
  activation: Activation,
  costLimit = PER_CALL_LIMIT,
): Evaluation {
  return program.evaluate(activation, costLimit);
}

/**
 * Evaluates an expression that may contain authorization checks: a missing decision is awaited, then the evaluation is
 * restarted. Rejects with `CostLimitExceeded`.
 */
export async function evaluateAuthorized(
  expression: CompiledExpression,
  activation: Activation,
  costLimit = PER_CALL_LIMIT,
): Promise<Evaluation> {
  for (;;) {
    try {
      return evaluate(expression, activation, costLimit);
    } catch (error) {
      if (!(error instanceof AuthorizationPending)) throw error;
      await error.answer;
    }
  }
}

/** The error message of an evaluation; undefined if it has a value. */
export function evaluationError({ value }: Evaluation): string | undefined {
  return value instanceof CelError ? value.message : undefined;
}
