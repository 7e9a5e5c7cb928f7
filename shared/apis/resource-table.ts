/** The resources of each group version, as data: kinds, names, verbs, subresources. */

import { parseGroupVersion } from '../runtime/group-version.ts';
import readResources from './resources.json?text';

/** Kubernetes releases: `1.22`. */
export interface Lifecycle {
  readonly introduced?: string;
  readonly deprecated?: string;
  readonly removed?: string;
  readonly replacement?: string;
  /** The release that stopped serving it, if earlier than its deprecation announced. */
  readonly gone?: string;
}

export interface BuiltinSubresource {
  readonly kind: string;
  readonly verbs: readonly string[];
  /** The group of the kind, if it differs from the parent's: `autoscaling` for scale. */
  readonly group?: string;
  readonly version?: string;
  /** Set if it differs from the resource's. */
  readonly lifecycle?: Lifecycle;
  /** The feature gate that enables it. */
  readonly gate?: string;
}

export interface BuiltinResource {
  readonly kind: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Verbs added after the resource, with the release that added them. */
  readonly laterVerbs?: Readonly<Record<string, string>>;
  readonly lifecycle?: Lifecycle;
  readonly subresources?: Readonly<Record<string, BuiltinSubresource>>;
  /** The feature gate that enables it. */
  readonly gate?: string;
  /** Set for a beta that its releases served by default although betas were already off. */
  readonly default?: true;
}

export interface BuiltinGroupVersion {
  readonly stage: 'GA' | 'beta' | 'alpha';
  /** Whether it is served by default. */
  readonly default: boolean;
  /** Keyed by plural name. */
  readonly resources: Readonly<Record<string, BuiltinResource>>;
}

/** Keyed by group version: `apps/v1`, `v1` for core. */
export type ResourceTable = ReadonlyMap<string, BuiltinGroupVersion>;

let parsed: ResourceTable | undefined;
let groups: ReadonlyMap<string, ReadonlyMap<string, BuiltinGroupVersion>> | undefined;

/** All group versions that can be served, including those removed upstream. */
export function builtinResources(): ResourceTable {
  parsed ??= new Map(
    Object.entries(JSON.parse(readResources()) as Readonly<Record<string, BuiltinGroupVersion>>),
  );
  return parsed;
}

/** The versions of one group, by name; '' for core. */
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
