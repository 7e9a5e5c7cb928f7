/** Which resources each group version has, as facts: kinds, names, verbs, subresources. */

import { parseGroupVersion } from '../runtime/group-version.ts';
import readResources from './resources.json?text';

/** Kubernetes releases: `1.22`. */
export interface Lifecycle {
  readonly introduced?: string;
  readonly deprecated?: string;
  readonly removed?: string;
  readonly replacement?: string;
  /** From which on it is served no more, where that came before the release that its mark says. */
  readonly gone?: string;
}

export interface BuiltinSubresource {
  readonly kind: string;
  readonly verbs: readonly string[];
  /** Of the kind, where it is not the parent's: `autoscaling` for scale. */
  readonly group?: string;
  readonly version?: string;
  /** Where it isn't its resource's. */
  readonly lifecycle?: Lifecycle;
  /** The feature gate that it is served with. */
  readonly gate?: string;
}

export interface BuiltinResource {
  readonly kind: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Verbs that came after the resource, and with which release. */
  readonly laterVerbs?: Readonly<Record<string, string>>;
  readonly lifecycle?: Lifecycle;
  readonly subresources?: Readonly<Record<string, BuiltinSubresource>>;
  /** The feature gate that it is served with. */
  readonly gate?: string;
  /** A beta that its releases served without being told to, though betas were off by then. */
  readonly default?: true;
}

export interface BuiltinGroupVersion {
  readonly stage: 'GA' | 'beta' | 'alpha';
  /** Served when nothing is configured. */
  readonly default: boolean;
  /** By plural name. */
  readonly resources: Readonly<Record<string, BuiltinResource>>;
}

/** By the names of group versions: `apps/v1`, `v1` for core. */
export type ResourceTable = ReadonlyMap<string, BuiltinGroupVersion>;

let parsed: ResourceTable | undefined;
let groups: ReadonlyMap<string, ReadonlyMap<string, BuiltinGroupVersion>> | undefined;

/** Every group version that can be served, those that are long gone too. */
export function builtinResources(): ResourceTable {
  parsed ??= new Map(
    Object.entries(JSON.parse(readResources()) as Readonly<Record<string, BuiltinGroupVersion>>),
  );
  return parsed;
}

/** Of those the versions of one group, by name; '' for core. */
export function builtinVersions(group: string): ReadonlyMap<string, BuiltinGroupVersion> {
  groups ??= byGroup(builtinResources());
  return groups.get(group) ?? new Map();
}

function byGroup(table: ResourceTable): ReadonlyMap<string, ReadonlyMap<string, BuiltinGroupVersion>> {
  const found = new Map<string, Map<string, BuiltinGroupVersion>>();
  for (const [apiVersion, groupVersion] of table) {
    const { group, version } = parseGroupVersion(apiVersion)!;
    const versions = found.get(group) ?? new Map<string, BuiltinGroupVersion>();
    found.set(group, versions.set(version, groupVersion));
  }
  return found;
}
