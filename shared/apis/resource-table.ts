/** Which resources each group version has, as facts: kinds, names, verbs, subresources. */

import resourcesText from './resources.json?raw';

export interface BuiltinSubresource {
  readonly kind: string;
  readonly verbs: readonly string[];
  /** Of the kind, where it is not the parent's: `autoscaling` for scale. */
  readonly group?: string;
  readonly version?: string;
}

export interface BuiltinResource {
  readonly kind: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Kubernetes releases: `1.22`. */
  readonly lifecycle?: {
    readonly introduced?: string;
    readonly deprecated?: string;
    readonly removed?: string;
    readonly replacement?: string;
  };
  readonly subresources?: Readonly<Record<string, BuiltinSubresource>>;
  /** The feature gate that it is served with. */
  readonly gate?: string;
}

export interface BuiltinGroupVersion {
  readonly stage: 'GA' | 'beta' | 'alpha';
  /** Served when nothing is configured. */
  readonly default: boolean;
  /** By plural name. */
  readonly resources: Readonly<Record<string, BuiltinResource>>;
}

let parsed: ReadonlyMap<string, BuiltinGroupVersion> | undefined;

/** Every group version that can be served, by its name: `apps/v1`, `v1` for core. */
export function builtinResources(): ReadonlyMap<string, BuiltinGroupVersion> {
  parsed ??= new Map(
    Object.entries(JSON.parse(resourcesText) as Readonly<Record<string, BuiltinGroupVersion>>),
  );
  return parsed;
}
