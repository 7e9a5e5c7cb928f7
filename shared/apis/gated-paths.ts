/** Fields that exist behind feature gates (upstream's `dropDisabledFields` functions), by where they are. */

import type { RequestContext } from '../request/request-context.ts';

type Gates = Pick<RequestContext, 'featureEnabled'>;
type Struct = Record<string, unknown>;

/** Gate -> paths such as `spec.devices[].skipNodeOperations`; `(a|b)` stands for each of the fields. */
export type GatedPaths = Readonly<Record<string, readonly string[]>>;

function expand(path: string): string[] {
  const match = /^(.*?)\(([^)]*)\)(.*)$/.exec(path);
  if (match === null) return [path];
  return match[2]!.split('|').flatMap((choice) => expand(`${match[1]}${choice}${match[3]}`));
}

interface Step {
  readonly name: string;
  /** The field is a list, and the path goes on in each of its items. */
  readonly isList: boolean;
}

type Path = readonly Step[];

const stepsOf = (path: string): Path =>
  path.split('.').map((step) => ({ name: step.replace('[]', ''), isList: step.endsWith('[]') }));

/** Paths are compiled once for each table. */
const compiled = new WeakMap<GatedPaths, readonly (readonly [gate: string, paths: readonly Path[]])[]>();

function compile(gated: GatedPaths) {
  const known = compiled.get(gated);
  if (known !== undefined) return known;
  const gates = Object.entries(gated).map(
    ([gate, paths]) => [gate, paths.flatMap(expand).map(stepsOf)] as const,
  );
  compiled.set(gated, gates);
  return gates;
}

/** Calls back with every struct that may hold the path's last field. */
function visit(value: unknown, path: Path, found: (holder: Struct, field: string) => void, depth = 0): void {
  if (value === null || typeof value !== 'object') return;
  const { name, isList } = path[depth]!;
  if (depth === path.length - 1) {
    found(value as Struct, name);
    return;
  }
  const inner = Object.hasOwn(value, name) ? (value as Struct)[name] : undefined;
  if (!isList) visit(inner, path, found, depth + 1);
  else if (Array.isArray(inner)) for (const item of inner) visit(item, path, found, depth + 1);
}

function isUsed(object: unknown, paths: readonly Path[]): boolean {
  let used = false;
  for (const path of paths) {
    visit(object, path, (holder, field) => {
      const value = holder[field];
      used ||= Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
    });
  }
  return used;
}

/** Leaves out the fields whose gates are off, where `old`, the stored object, uses none of the gate's. */
export function dropGatedPaths(
  { featureEnabled }: Gates,
  gated: GatedPaths,
  object: object,
  old: object | undefined,
): void {
  for (const [gate, paths] of compile(gated)) {
    if (featureEnabled(gate) || isUsed(old, paths)) continue;
    for (const path of paths) visit(object, path, (holder, field) => delete holder[field]);
  }
}
