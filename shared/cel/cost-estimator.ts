/**
 * What an expression costs at least and at most, before it runs
 * (https://github.com/google/cel-go/blob/master/checker/cost.go,
 * https://github.com/kubernetes/apiserver/blob/master/pkg/cel/library/cost.go). Decides which rules a custom
 * resource definition may have; changing a number changes the API.
 */

import { type CallExpr, type ComprehensionExpr, type Expr, OPERATOR, type SelectExpr } from './ast.ts';
import type { Checked } from './checker.ts';
import {
  AUTHORIZATION_CHECK_COST,
  LIST_CREATE_COST,
  MAP_CREATE_COST,
  REGEX_LENGTH_FACTOR,
  STRING_TRAVERSAL_FACTOR,
  STRUCT_CREATE_COST,
} from './cost.ts';
import type { DeclaredType } from './declared-type.ts';
import { ACCUMULATOR } from './macro.ts';
import { type CelType, isOptionalType } from './type.ts';
import { costSize, Uint } from './value.ts';

/** An inclusive range; upstream's saturate at 2^64, so that is the largest number here. */
export interface CostRange {
  readonly min: number;
  readonly max: number;
}

const MAX = 2 ** 64;
const ZERO: CostRange = { min: 0, max: 0 };
const ONE: CostRange = { min: 1, max: 1 };
const UNKNOWN: CostRange = { min: 0, max: MAX };

function fixed(value: number): CostRange {
  return { min: value, max: value };
}
function plus(...ranges: readonly CostRange[]): CostRange {
  return ranges.reduce(
    (a, b) => ({ min: Math.min(MAX, a.min + b.min), max: Math.min(MAX, a.max + b.max) }),
    ZERO,
  );
}
function times(a: CostRange, b: CostRange): CostRange {
  return { min: Math.min(MAX, a.min * b.min), max: Math.min(MAX, a.max * b.max) };
}
function scaled(range: CostRange, factor: number): CostRange {
  return {
    min: Math.min(MAX, Math.ceil(range.min * factor)),
    max: Math.min(MAX, Math.ceil(range.max * factor)),
  };
}
function union(a: CostRange, b: CostRange): CostRange {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
const traversal = (size: CostRange, count = 1): CostRange => scaled(size, count * STRING_TRAVERSAL_FACTOR);
const regex = (text: CostRange, pattern: CostRange): CostRange =>
  times(traversal(plus(text, ONE)), scaled(pattern, REGEX_LENGTH_FACTOR));

/** What a call costs beside its arguments, and the size of what it gives. */
interface CallEstimate {
  readonly cost: CostRange;
  readonly size?: CostRange;
}

/** A node as estimates see it. */
interface Operand {
  readonly expr: Expr | undefined;
  readonly type: CelType;
  readonly path: readonly string[] | undefined;
  /** Known from the expression alone, or from the schema. */
  readonly size: CostRange;
}

interface Call {
  readonly target: Operand | undefined;
  readonly args: readonly Operand[];
  readonly overload: string;
  readonly estimator: Estimator;
}

type Estimate = (call: Call) => CallEstimate | undefined;

const constantCost: Estimate = () => ({ cost: ONE });
const firstArgument: Estimate = ({ args }) =>
  args[0] === undefined ? undefined : { cost: traversal(args[0].size) };
const transform: Estimate = ({ target }) =>
  target === undefined ? undefined : { cost: traversal(target.size), size: target.size };

const selector: Estimate = ({ args }) => {
  if (args.length !== 1) return undefined;
  const { size } = args[0]!;
  return {
    cost: plus(
      fixed(LIST_CREATE_COST),
      traversal(size),
      scaled(scaled(size, 0.5), LIST_CREATE_COST + STRUCT_CREATE_COST),
    ),
  };
};

const listWalk: Estimate = ({ target, estimator }) => {
  if (target === undefined) return undefined;
  const element = estimator.elementOf(target);
  if (element === undefined) return { cost: traversal(target.size) };
  const isText = element.type.kind === 'string' || element.type.kind === 'bytes';
  return { cost: times(target.size, isText ? plus(ONE, traversal(element.size)) : ONE) };
};

const replace: Estimate = ({ target, args }) => {
  if (target === undefined || args.length < 2) return undefined;
  const { size } = target;
  const [from, to] = [args[0]!.size, args[1]!.size];
  const longest =
    from.min === 0
      ? { count: Math.min(MAX, size.max + 1), kept: size.max }
      : to.max <= from.min
        ? { count: 0, kept: size.max }
        : { count: Math.ceil(size.max / from.min), kept: 0 };
  const shortest =
    from.max === 0
      ? { count: size.min + 1, kept: size.min }
      : from.max <= to.min
        ? { count: 0, kept: size.min }
        : { count: Math.ceil(size.min / from.max), kept: 0 };
  const count = { min: shortest.count, max: longest.count };
  const kept = { min: shortest.kept, max: longest.kept };
  return { cost: traversal(size, 2), size: plus(times(count, to), kept) };
};

const split: Estimate = ({ target, args }) => {
  if (target === undefined) return undefined;
  const limit = args[1]?.expr;
  const isLiteral = limit?.kind === 'literal' && typeof limit.value === 'bigint';
  const max =
    isLiteral && limit.value !== null ? Number(BigInt.asUintN(64, limit.value as bigint)) : target.size.max;
  return { cost: traversal(target.size, 2), size: { min: 0, max } };
};

const join: Estimate = ({ target, args, estimator }) => {
  if (target === undefined) return undefined;
  const element = estimator.elementOf(target);
  const list = target.size;
  let size = element === undefined ? ZERO : times(list, element.size);
  if (args[0] !== undefined) {
    const gaps = { min: Math.max(0, list.min - 1), max: Math.max(0, list.max - 1) };
    size = plus(size, times(args[0].size, gaps));
  }
  return { cost: traversal(size), size };
};

const find: Estimate = ({ target, args }) => {
  if (target === undefined || args.length === 0) return undefined;
  return { cost: regex(target.size, args[0]!.size), size: { min: 0, max: target.size.max } };
};

const ADDRESS: CostRange = { min: 4, max: 16 };

function contains(masked: boolean): Estimate {
  return ({ args, overload }) => {
    if (args.length === 0) return undefined;
    const comparison = traversal(plus(ADDRESS, ADDRESS));
    const masking = masked ? plus(traversal(ADDRESS), ONE) : ZERO;
    const parsing = overload.endsWith('_string') ? traversal(args[0]!.size) : ZERO;
    return { cost: plus(comparison, masking, parsing) };
  };
}

const ip: Estimate = (call) => (call.overload === 'cidr_ip' ? { cost: ONE } : firstArgument(call));

/** Of all named formats, the longest pattern counts. */
const MAX_FORMAT_REGEX = 128;
const MAX_FORMAT_NAME = 64;

const formatValidation: Estimate = ({ args }) =>
  args[0] === undefined
    ? undefined
    : { cost: scaled(traversal(args[0].size), MAX_FORMAT_REGEX * REGEX_LENGTH_FACTOR) };

const CONSTANT_EQUALITY =
  /^(?:net\.(?:IP|CIDR)|kubernetes\.(?:Quantity|Semver|authorization\.(?:Authorizer|PathCheck|GroupCheck|ResourceCheck|Decision)))$/;

const kubernetesEquality: Estimate = ({ args: [left, right] }) => {
  if (left === undefined || right === undefined || !left.type.equals(right.type)) return undefined;
  if (CONSTANT_EQUALITY.test(left.type.name)) return { cost: ONE };
  if (left.type.name === 'kubernetes.NamedFormat')
    return { cost: traversal({ min: 1, max: MAX_FORMAT_NAME }) };
  if (left.type.name === 'kubernetes.URL') return { cost: traversal(ONE) };
  return undefined;
};

function named(names: string, estimate: Estimate): [string, Estimate][] {
  return names.split(' ').map((name) => [name, estimate]);
}

const KUBERNETES: ReadonlyMap<string, Estimate> = new Map([
  ['check', () => ({ cost: fixed(AUTHORIZATION_CHECK_COST) })],
  ...named(
    'serviceAccount path group resource subresource namespace name allowed reason error errored',
    constantCost,
  ),
  ...named('fieldSelector labelSelector', selector),
  ...named('isSorted sum max min indexOf lastIndexOf', listWalk),
  ...named('url jsonpatch.escapeKey', ({ args }) =>
    args.length === 1 ? { cost: traversal(args[0]!.size), size: args[0]!.size } : undefined,
  ),
  ...named('lowerAscii upperAscii substring trim', transform),
  ['replace', replace],
  ['split', split],
  ['join', join],
  ...named('find findAll', find),
  ...named('cidr isIP isCIDR quantity isQuantity semver isSemver', firstArgument),
  ['ip', ip],
  [
    'ip.isCanonical',
    ({ args }) => (args[0] === undefined ? undefined : { cost: traversal(args[0].size, 2) }),
  ],
  ...named(
    'masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast',
    constantCost,
  ),
  ['containsIP', contains(false)],
  ['containsCIDR', contains(true)],
  ['validate', formatValidation],
  ...named(
    'format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch',
    constantCost,
  ),
  ...named('getScheme getHostname getHost getPort getEscapedPath getQuery', constantCost),
  [OPERATOR.equals, kubernetesEquality],
] as [string, Estimate][]);

function allocating(factor: number, size: CostRange): CallEstimate {
  return { cost: plus(scaled(size, factor), ONE, fixed(LIST_CREATE_COST)), size };
}

/** A literal argument's value, as an unsigned number. */
function literal(operand: Operand | undefined, otherwise: number): number {
  const expr = operand?.expr;
  if (expr?.kind !== 'literal') return otherwise;
  if (typeof expr.value === 'bigint') return expr.value < 0n ? otherwise : Number(expr.value);
  return expr.value instanceof Uint ? Number(expr.value.value) : otherwise;
}

function squared(factor: number, size: CostRange): CallEstimate {
  return allocating(factor, times(size, size));
}

function sorting(overload: string, size: CostRange): CallEstimate {
  return squared(/^list_(?:string|bytes)_/.test(overload) ? 2 + STRING_TRAVERSAL_FACTOR : 2, size);
}

function sets(factor: number): Estimate {
  return ({ args: [a, b] }) =>
    a === undefined || b === undefined
      ? undefined
      : { cost: plus(scaled(times(a.size, b.size), factor), ONE) };
}

/** cel-go's extension libraries, which come before Kubernetes' table. */
const EXTENSIONS: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ['list_sets_contains_list', sets(1)],
  ['list_sets_intersects_list', sets(1)],
  ['list_sets_equivalent_list', sets(2)],
  [
    'list_slice',
    ({ target, args }) =>
      allocating(1, fixed(Math.max(0, literal(args[1], target!.size.max) - literal(args[0], 0)))),
  ],
  ['lists_range', ({ args }) => allocating(1, fixed(literal(args[0], MAX)))],
  ['list_reverse', ({ target }) => allocating(1, target!.size)],
  ['list_flatten', ({ target }) => allocating(1, target!.size)],
  ['list_flatten_int', ({ target, args }) => allocating(literal(args[0], MAX), target!.size)],
  ['list_distinct', ({ target }) => squared(2, target!.size)],
]);

function extension(call: Call): CallEstimate | undefined {
  const known = EXTENSIONS.get(call.overload);
  if (known !== undefined) return known(call);
  if (call.overload.endsWith('_sort')) return sorting(call.overload, call.target!.size);
  if (call.overload.endsWith('_sortByAssociatedKeys')) return sorting(call.overload, call.args[0]!.size);
  return undefined;
}

const concatenation: Estimate = ({ args: [a, b] }) => {
  const size = plus(a!.size, b!.size);
  return { cost: traversal(size), size };
};

const comparison: Estimate = ({ args: [a, b] }) => {
  const max = Math.min(a!.size.max, b!.size.max);
  return { cost: traversal({ min: max > 0 ? 1 : 0, max }) };
};

/** cel-go's own, by overload. */
const STANDARD: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ['string_format', ({ target }) => (target === undefined ? undefined : { cost: traversal(target.size) })],
  [
    'string_to_bytes',
    ({ args: [a] }) => ({ cost: traversal(a!.size), size: { min: a!.size.min, max: a!.size.max * 4 } }),
  ],
  [
    'bytes_to_string',
    ({ args: [a] }) => ({
      cost: traversal(a!.size),
      size: { min: Math.floor(a!.size.min / 4), max: a!.size.max },
    }),
  ],
  [
    'strings_quote',
    ({ args: [a] }) => ({
      cost: traversal(a!.size),
      size: { min: a!.size.min + 2, max: a!.size.max * 2 + 2 },
    }),
  ],
  ...named('starts_with_string ends_with_string', ({ args: [a] }) => ({ cost: traversal(a!.size) })),
  ['in_list', ({ args }) => ({ cost: args[1]!.size })],
  ['matches_string', ({ target, args }) => ({ cost: regex(target!.size, args[0]!.size) })],
  [
    'contains_string',
    ({ target, args }) => ({ cost: times(traversal(target!.size), traversal(args[0]!.size)) }),
  ],
  ...named('add_string add_bytes', concatenation),
  ['add_list', ({ args: [a, b] }) => ({ cost: ONE, size: plus(a!.size, b!.size) })],
  ...named(
    'less_string less_equals_string greater_string greater_equals_string less_bytes less_equals_bytes greater_bytes greater_equals_bytes equals not_equals',
    comparison,
  ),
]);

/** Sizes of the keys and values in a list or a map built by the expression. */
interface EntrySize {
  readonly container: 'list' | 'map';
  readonly key: CostRange;
  readonly value: CostRange;
}

interface Local {
  readonly path: readonly string[] | undefined;
  readonly size: CostRange | undefined;
  readonly entry: EntrySize | undefined;
}

const SCALARS = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

function isScalar(type: CelType): boolean {
  return SCALARS.has(type.kind) || (isOptionalType(type) && isScalar(type.params[0]!));
}

/** The cost of an expression whose variables are all of the `root` type, as `self` and `oldSelf` are. */
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
    this.#locals.set(name, [...(this.#locals.get(name) ?? []), local]);
  }

  #pop(name: string): void {
    this.#locals.set(name, this.#locals.get(name)!.slice(0, -1));
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
      // What an optional holds is as large as anything may be.
      return expr.function === OPERATOR.optSelect ? plus(ONE, ...argCosts) : ZERO;
    }
    const args = expr.args.map((arg) => this.#operand(arg));
    const isMember = expr.target !== undefined && !reference.namespaced;
    const targetCost = isMember ? this.cost(expr.target!) : ZERO;
    const target = isMember ? this.#operand(expr.target!) : undefined;
    let cost: CostRange | undefined;
    let size: CostRange | undefined;
    for (const { id } of reference.overloads) {
      const call = { target, args, overload: id, estimator: this };
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
    const special = extension(call) ?? KUBERNETES.get(name)?.(call);
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
    return withArguments(STANDARD.get(call.overload)?.(call) ?? { cost: ONE });
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

  /** An element of a list operand; undefined when the operand has no known element type. */
  elementOf(list: Operand): Operand | undefined {
    const type = list.type.params[0];
    if (type === undefined) return undefined;
    const path = list.path === undefined ? undefined : [...list.path, '@items'];
    return { expr: undefined, type, path, size: this.#schemaSize(path) ?? UNKNOWN };
  }

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

  /** What the schema bounds; paths start at a variable of the root type. */
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

function joined(a: EntrySize, b: EntrySize): EntrySize {
  return { container: a.container, key: union(a.key, b.key), value: union(a.value, b.value) };
}

function literalSize(expr: Expr): CostRange | undefined {
  switch (expr.kind) {
    case 'literal':
      return fixed(costSize(expr.value));
    case 'list':
      return fixed(expr.elements.length);
    case 'map':
      return fixed(expr.entries.length);
    default:
      return undefined;
  }
}

/** `optMap`, `sortBy`: a fold over nothing. */
function isBinding(expr: ComprehensionExpr): boolean {
  return (
    expr.iterRange.kind === 'list' &&
    expr.iterRange.elements.length === 0 &&
    expr.loopCondition.kind === 'literal' &&
    expr.loopCondition.value === false
  );
}
