/**
 * Removed API versions: those that an old release was the last to serve are added to the tables of resources and types,
 * so that they exist again where that release is emulated. Their behaviour is code, like any version's.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BETAS_OFF } from '../../shared/apis/emulated-resources.ts';
import { compareMinors, isPartOf, minorNumber } from '../../shared/apis/minor.ts';
import type { BuiltinGroupVersion, BuiltinResource } from '../../shared/apis/resource-table.ts';
import { parseGroupVersion } from '../../shared/runtime/group-version.ts';
import { root } from '../build/bundle-options.ts';
import { importDiscovery, isPublished, type ServedResource } from './discovery.ts';
import { folderOf, importLifecycles, type KindLifecycle } from './lifecycle.ts';
import type { Sources } from './modules.ts';
import { PackageReader } from './package-reader.ts';
import type { Report } from './report.ts';
import { formatResources, type ResourceTable, stageOf, subresourcesOf } from './resources.ts';
import { importServedKinds, type ServedVerbs } from './served-paths.ts';
import { importDefaultVersions } from './server-defaults.ts';
import { formatTypes, type TypeTable, tableOf } from './types.ts';

const RESOURCES = join(root, 'shared/apis/resources.json');
const SERVED = join(root, 'test/facts/served');
const LEFT_OUT = join(root, 'infra/import/overrides/left-out.json');

const read = <V>(file: string): V => JSON.parse(readFileSync(file, 'utf8')) as V;

interface Facts {
  /** Versions, or resources of them (`networking.k8s.io/v1alpha1 clustercidrs`), that are not served again. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** The served resources of each minor, the oldest first. */
  readonly served: readonly (readonly [minor: string, verbs: ServedVerbs])[];
}

let known: Facts | undefined;

/** Cached, since it is used for each resource. */
function facts(): Facts {
  known ??= {
    leftOut: read<{ resources: Facts['leftOut'] }>(LEFT_OUT).resources,
    served: readdirSync(SERVED)
      .map((file) => [basename(file, '.json'), read<ServedVerbs>(join(SERVED, file))] as const)
      .sort(([a], [b]) => compareMinors(a, b)),
  };
  return known;
}

/** Whether a removed resource is not served again. */
function isLeftOut(version: string, resource: string): boolean {
  const { leftOut } = facts();
  return Object.hasOwn(leftOut, version) || Object.hasOwn(leftOut, `${version} ${resource}`);
}

/** The minors that served a resource, as far as known. */
function minorsOf(version: string, resource: string): string[] {
  return facts().served.flatMap(([minor, verbs]) =>
    verbs[version]?.[resource] === undefined ? [] : [minor],
  );
}

/**
 * The minors in which it was served. The markers in the code only drive warnings to clients, and may differ: some
 * versions were behind a gate for long, some were removed early.
 */
function lifecycleOf(marks: KindLifecycle | undefined, minors: readonly string[]): KindLifecycle {
  const introduced = minors[0]!;
  const end = `1.${minorNumber(minors.at(-1)!) + 1}`;
  const { removed = end } = marks ?? {};
  return { ...marks, introduced, removed, ...(removed !== end && { gone: end }) };
}

/** The gate of a resource in its other versions. */
function gateOf(own: ResourceTable, version: string, resource: string): string | undefined {
  const { group } = parseGroupVersion(version)!;
  return Object.entries(own)
    .filter(([name]) => parseGroupVersion(name)!.group === group)
    .map(([, { resources }]) => resources[resource]?.gate)
    .find((gate) => gate !== undefined);
}

/** A resource's entry, without its lifecycle. */
function entryOf(
  { minor }: Sources,
  served: Readonly<Record<string, ServedResource>>,
  version: string,
  name: string,
): BuiltinResource {
  const [first] = minorsOf(version, name);
  const parts = Object.entries(subresourcesOf(name, served, undefined, minor)).map(([part, entry]) => {
    const [introduced] = minorsOf(version, `${name}/${part}`);
    return [part, introduced === first ? entry : { ...entry, lifecycle: { introduced } }];
  });
  return { ...served[name]!, ...(parts.length > 0 && { subresources: Object.fromEntries(parts) }) };
}

function goneResources(sources: Sources, own: ResourceTable, report: Report): ResourceTable {
  const { minor } = sources;
  const served = isPublished(sources) ? importDiscovery(sources) : importServedKinds(sources);
  const lifecycles = importLifecycles(sources, Object.keys(served));
  const defaults = new Set(importDefaultVersions(sources));
  const isGone = (version: string, resource: string): boolean => {
    if (minorsOf(version, resource).at(-1) !== minor || isLeftOut(version, resource)) return false;
    const known = own[version]?.resources[resource];
    return known === undefined || !isPartOf(known.lifecycle ?? {}, minor);
  };
  const versions = Object.entries(served).flatMap(([version, resources]): [string, BuiltinGroupVersion][] => {
    const names = Object.keys(resources).filter((name) => !name.includes('/') && isGone(version, name));
    if (names.length === 0) return [];
    const entries = names.map((name): [string, BuiltinResource] => {
      report.add('versions that are gone: added', `${version} ${name}`);
      const entry = entryOf(sources, resources, version, name);
      const lifecycle = lifecycleOf(lifecycles[version]?.[entry.kind], minorsOf(version, name));
      const isLate = compareMinors(lifecycle.introduced!, BETAS_OFF) >= 0;
      const gate = gateOf(own, version, name);
      return [
        name,
        {
          ...entry,
          lifecycle,
          ...(gate !== undefined && { gate }),
          ...(isLate && defaults.has(`${version} ${name}`) && { default: true as const }),
        },
      ];
    });
    const stage = stageOf(parseGroupVersion(version)!.version);
    return [[version, { stage, default: false, resources: Object.fromEntries(entries) }]];
  });
  return Object.fromEntries(versions);
}

const sorted = <V>(entries: Iterable<readonly [string, V]>): Record<string, V> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

function withResources(own: ResourceTable, more: ResourceTable): ResourceTable {
  const added = Object.entries(more).map(([version, table]): [string, BuiltinGroupVersion] => {
    const { resources = {}, ...before } = own[version] ?? table;
    return [
      version,
      { ...before, resources: sorted(Object.entries({ ...resources, ...table.resources })) },
    ] as [string, BuiltinGroupVersion];
  });
  return sorted(new Map([...Object.entries(own), ...added]));
}

/** `own` with the missing types of `names`, and those they refer to. */
function withTypes(own: TypeTable, upstream: TypeTable, names: readonly string[]): TypeTable {
  const table = new Map(Object.entries(own));
  const add = (name: string): void => {
    const type = upstream[name];
    if (type === undefined || table.has(name)) return;
    table.set(name, type);
    for (const field of Object.values(type.fields ?? {})) add(field.type.replace(/^ref:/, ''));
    for (const { type: inline } of type.inline ?? []) add(inline.replace(/^ref:/, ''));
  };
  names.forEach(add);
  return sorted(table);
}

/** Adds the versions that `sources` was the last to serve, and reports them. */
export function writeGoneVersions(sources: Sources, report: Report): void {
  const own = read<ResourceTable>(RESOURCES);
  const gone = goneResources(sources, own, report);
  if (Object.keys(gone).length === 0) return;
  const reader = new PackageReader(sources);
  for (const [groupVersion, { resources }] of Object.entries(gone)) {
    const { group, version } = parseGroupVersion(groupVersion)!;
    const path = `${folderOf(group)}/${version}`;
    const file = join(root, 'shared/apis', path, 'types.json');
    const prefix = `io.k8s.api.${path.replace('/', '.')}`;
    const names = Object.values(resources).flatMap(({ kind }) => [
      `${prefix}.${kind}`,
      `${prefix}.${kind}List`,
    ]);
    const upstream = tableOf(reader, `k8s.io/api/${path}`, {});
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, formatTypes(withTypes(existsSync(file) ? read(file) : {}, upstream, names)));
  }
  writeFileSync(RESOURCES, formatResources(withResources(own, gone)));
}
