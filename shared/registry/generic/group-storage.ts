/** Defines the resources of a group as a table, for its `rest-storage.ts`. */

import { builtinVersions } from '../../apis/resource-table.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { RESTStorage } from '../../rest/rest-storage.ts';
import type { RESTStrategy } from '../../rest/strategy.ts';
import { formatGroupVersion, type GroupResource } from '../../runtime/group-version.ts';
import { withFinalizerRules } from './finalizer-rules.ts';
import type { RESTStorageConfig, RESTStorageProvider, VersionedResources } from './rest-storage-provider.ts';
import { Store, type StoreOptions } from './store.ts';

/**
 * The storages of a resource by subresource; '' is the resource itself. Null means that the server's configuration
 * disables it.
 */
export type ResourceStorages = Readonly<Record<string, RESTStorage | null>>;
export type BuildResource = (config: RESTStorageConfig, resource: GroupResource) => ResourceStorages;

type StoreExtras<T extends KubeObject> = Omit<
  StoreOptions<T>,
  'config' | 'resource' | 'storageVersion' | 'strategy'
>;

/** A strategy may depend on the authorizer or on other resources. */
type StrategySource<T extends KubeObject> =
  | RESTStrategy<T>
  | ((config: RESTStorageConfig) => RESTStrategy<T>);

export interface StoredResource<T extends KubeObject> extends StoreExtras<T> {
  /** The version in which objects are stored; the kind is the strategy's. */
  readonly version: string;
  readonly strategy: StrategySource<T>;
  /** The strategy of `/status`. */
  readonly status?: StrategySource<T>;
  /** Whether finalizers without a domain may have any name. Only kinds of pkg/apis are restricted. */
  readonly anyFinalizers?: boolean | 'on update';
  /** Other subresources. */
  subresources?(store: Store<T>, config: RESTStorageConfig): ResourceStorages;
}

/** A stored resource with the subresources that share its store. */
export function storedResource<T extends KubeObject>(definition: StoredResource<T>): BuildResource {
  const { version, anyFinalizers = false, subresources, ...options } = definition;
  return (config, resource) => {
    const strategyFrom = (source: StrategySource<T>): RESTStrategy<T> => {
      const strategy = typeof source === 'function' ? source(config) : source;
      if (anyFinalizers === true) return strategy;
      return withFinalizerRules(strategy, { onUpdate: anyFinalizers !== 'on update' });
    };
    const strategy = strategyFrom(definition.strategy);
    const { group, kind } = strategy.kind;
    const storageVersion = { group, version, kind };
    const store = new Store<T>({ ...options, strategy, config, resource, storageVersion });
    return {
      '': store,
      ...(definition.status && { status: store.withStrategy(strategyFrom(definition.status)) }),
      ...subresources?.(store, config),
    };
  };
}

/**
 * Offers resources in every version for which the resource table lists them, as far as they are served. Each resource
 * is built once, on demand. `resources` is keyed by plural name.
 */
export function groupStorage(
  group: string,
  resources: Readonly<Record<string, BuildResource>>,
): RESTStorageProvider {
  return {
    group,
    restStorage(config) {
      const built = new Map<string, ResourceStorages>();
      const storagesOf = (resource: string): ResourceStorages => {
        const storages = built.get(resource) ?? resources[resource]!(config, { group, resource });
        built.set(resource, storages);
        return storages;
      };
      const versions = new Map<string, VersionedResources>();
      for (const [version, { resources: listed }] of builtinVersions(group)) {
        const gv = { group, version };
        const served = new Map<string, RESTStorage>();
        for (const [resource, { subresources = {} }] of Object.entries(listed)) {
          if (!Object.hasOwn(resources, resource) || !config.isResourceServed({ ...gv, resource })) continue;
          for (const subresource of ['', ...Object.keys(subresources)]) {
            const storage = storagesOf(resource)[subresource];
            const name = subresource === '' ? resource : `${resource}/${subresource}`;
            if (storage === null) continue;
            if (storage === undefined) throw new Error(`${formatGroupVersion(gv)}: no storage for ${name}`);
            served.set(name, storage);
          }
        }
        if (served.size > 0) versions.set(version, served);
      }
      return versions;
    },
  };
}
