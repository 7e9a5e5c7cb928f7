/** Fields behind feature gates, by path (upstream's `dropDisabledFields` functions). */

import type { RequestContext } from '../request/request-context.ts';

type Gates = Pick<RequestContext, 'featureEnabled'>;
type Struct = Record<string, unknown>;

export interface GatedRule {
  /** Dropped if the gate is off and the stored object uses none of `usedBy`. */
  readonly drops: readonly string[];
  /** Defaults to `drops`. */
  readonly usedBy?: readonly string[];
  /** Whether updates leave the field to validation. */
  readonly onlyOnCreate?: boolean;
  /** Whether to drop the parent struct as well if it becomes empty. */
  readonly takesEmptyHolder?: boolean;
  /** Replaces the dropped value; by default it is removed. */
  readonly leaves?: string;
}

/**
 * Paths by gate, such as `spec.devices[].attributes{}.ints`. `[]` descends into the items of a list, `{}` into the
 * values of a map; `(a|b)` stands for several fields; `policy!Always` as the last field matches unless the value is
 * `Always`.
 */
export type GatedPaths = Readonly<Record<string, readonly string[] | GatedRule | readonly GatedRule[]>>;

function expand(path: string): string[] {
  const match = /^(.*?)\(([^)]*)\)(.*)$/.exec(path);
  if (match === null) return [path];
  return match[2]!.split('|').flatMap((choice) => expand(`${match[1]}${choice}${match[3]}`));
}

interface Step {
  readonly name: string;
  /** Whether the path descends into the items or values of the field. */
  readonly hasMany: boolean;
  /** A value that doesn't match. */
  readonly except: string | undefined;
}

type Path = readonly Step[];

function stepOf(text: string): Step {
  const [, name, except, many] = /^([^!{[]*)(?:!(\w+))?(\[\]|\{\})?$/.exec(text)!;
  return { name: name!, hasMany: many !== undefined, except };
}

const compilePaths = (paths: readonly string[]): readonly Path[] =>
  paths.flatMap(expand).map((path) => path.split('.').map(stepOf));

interface CompiledRule extends Omit<GatedRule, 'drops' | 'usedBy'> {
  readonly gate: string;
  readonly drops: readonly Path[];
  readonly usedBy: readonly Path[];
}

/** The fields that the paths of a table drop, as a tree: objects have few of them, and most have none. */
interface FieldTree {
  readonly fields: Map<string, { readonly hasMany: boolean; readonly below: FieldTree }>;
  /** Numbers of the rules that drop the field of this name. */
  readonly droppedBy: Map<string, number[]>;
}

interface CompiledTable {
  readonly rules: readonly CompiledRule[];
  readonly tree: FieldTree;
}

/** Caches compiled paths by table. */
const compiled = new WeakMap<GatedPaths, CompiledTable>();

const isRules = (value: readonly string[] | readonly GatedRule[]): value is readonly GatedRule[] =>
  typeof value[0] === 'object';

function rulesOf(value: GatedPaths[string]): readonly GatedRule[] {
  if ('drops' in value) return [value];
  return isRules(value) ? value : [{ drops: value }];
}

function compile(gated: GatedPaths): CompiledTable {
  const known = compiled.get(gated);
  if (known !== undefined) return known;
  const rules = Object.entries(gated).flatMap(([gate, value]) =>
    rulesOf(value).map((rule): CompiledRule => {
      const drops = compilePaths(rule.drops);
      return { ...rule, gate, drops, usedBy: rule.usedBy ? compilePaths(rule.usedBy) : drops };
    }),
  );
  const table = { rules, tree: treeOf(rules) };
  compiled.set(gated, table);
  return table;
}

const newTree = (): FieldTree => ({ fields: new Map(), droppedBy: new Map() });

function treeOf(rules: readonly CompiledRule[]): FieldTree {
  const root = newTree();
  for (const [number, { drops }] of rules.entries()) {
    for (const path of drops) {
      let { fields, droppedBy } = root;
      for (const { name, hasMany } of path.slice(0, -1)) {
        const known = fields.get(name) ?? { hasMany, below: newTree() };
        fields.set(name, known);
        ({ fields, droppedBy } = known.below);
      }
      const { name } = path.at(-1)!;
      droppedBy.set(name, [...(droppedBy.get(name) ?? []), number]);
    }
  }
  return root;
}

/** Adds the numbers of the rules that drop a field which the object has. */
function addPresent(object: unknown, { fields, droppedBy }: FieldTree, present: Set<number>): void {
  if (object === null || typeof object !== 'object') return;
  for (const [name, value] of Object.entries(object)) {
    for (const number of droppedBy.get(name) ?? []) present.add(number);
    const inner = fields.get(name);
    if (inner === undefined) continue;
    if (!inner.hasMany) addPresent(value, inner.below, present);
    else for (const item of Object.values(value ?? {})) addPresent(item, inner.below, present);
  }
}

type Place = readonly [holder: Struct, field: string];

/** Calls back for each field at the end of the path, present or not, with its parent and grandparent. */
function visit(
  value: unknown,
  path: Path,
  found: (place: Place, above: Place | undefined) => void,
  depth = 0,
  above?: Place,
): void {
  if (value === null || typeof value !== 'object') return;
  const { name, hasMany, except } = path[depth]!;
  const holder = value as Struct;
  const inner = Object.hasOwn(holder, name) ? holder[name] : undefined;
  if (except !== undefined && inner === except) return;
  if (depth === path.length - 1) found([holder, name], above);
  else if (!hasMany) visit(inner, path, found, depth + 1, [holder, name]);
  else for (const item of Object.values(inner ?? {})) visit(item, path, found, depth + 1);
}

function isUsed(object: unknown, paths: readonly Path[]): boolean {
  let used = false;
  for (const path of paths) {
    const { hasMany } = path.at(-1)!;
    visit(object, path, ([holder, field]) => {
      const value = Object.hasOwn(holder, field) ? holder[field] : undefined;
      if (value === undefined || value === null) return;
      used ||= hasMany || Array.isArray(value) ? Object.keys(value as object).length > 0 : true;
    });
  }
  return used;
}

/** Whether the object uses a feature of the table. */
export const usesGate = (gated: GatedPaths, gate: string, object: object): boolean =>
  compile(gated).rules.some((rule) => rule.gate === gate && isUsed(object, rule.usedBy));

function drop(object: object, { drops, takesEmptyHolder = false, leaves }: CompiledRule): void {
  for (const path of drops) {
    visit(object, path, ([holder, field], above) => {
      if (!Object.hasOwn(holder, field)) return;
      if (leaves !== undefined) holder[field] = leaves;
      else delete holder[field];
      if (takesEmptyHolder && above && Object.keys(holder).length === 0) delete above[0][above[1]];
    });
  }
}

/** Drops fields whose gates are off, unless `old`, the stored object, uses the feature. */
export function dropGatedPaths(
  { featureEnabled }: Gates,
  gated: GatedPaths,
  object: object,
  old: object | undefined,
): void {
  const { rules, tree } = compile(gated);
  const present = new Set<number>();
  addPresent(object, tree, present);
  if (present.size === 0) return;
  for (const [number, rule] of rules.entries()) {
    if (!present.has(number) || featureEnabled(rule.gate) || isUsed(old, rule.usedBy)) continue;
    if (!(rule.onlyOnCreate && old !== undefined)) drop(object, rule);
  }
}

const pathLists = new WeakMap<readonly string[], readonly Path[]>();

/** Sets a missing field at each of the paths whose parent exists. */
export function setAtPaths(object: object, paths: readonly string[], value: unknown): void {
  let known = pathLists.get(paths);
  if (known === undefined) {
    known = compilePaths(paths);
    pathLists.set(paths, known);
  }
  for (const path of known) {
    visit(object, path, ([holder, field]) => {
      holder[field] ??= value;
    });
  }
}

/** Returns a strategy's `dropDisabledFields`. */
export const dropping =
  (gated: GatedPaths) =>
  (gates: Gates, object: object, old: object | undefined): void =>
    dropGatedPaths(gates, gated, object, old);

const under = (place: string, paths: readonly string[]) => paths.map((path) => `${place}.${path}`);

/** The table of an object that contains the object of `gated` at a path. */
export function gatedUnder(place: string, gated: GatedPaths): GatedPaths {
  const entries = Object.entries(gated).map(([gate, value]) => {
    const rules = rulesOf(value).map(({ drops, usedBy = drops, ...rule }) => ({
      ...rule,
      drops: under(place, drops),
      usedBy: under(place, usedBy),
    }));
    return [gate, rules] as const;
  });
  return Object.fromEntries(entries);
}
