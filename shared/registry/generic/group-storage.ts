/** A group's resources as one table: what its `rest-storage.ts` holds. */

import { builtinVersions } from '../../apis/resource-table.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { RESTStorage } from '../../rest/rest-storage.ts';
import type { RESTStrategy } from '../../rest/strategy.ts';
import { formatGroupVersion, type GroupResource } from '../../runtime/group-version.ts';
import { withFinalizerRules } from './finalizer-rules.ts';
import type { RESTStorageConfig, RESTStorageProvider, VersionedResources } from './rest-storage-provider.ts';
import { Store, type StoreOptions } from './store.ts';

/** A resource's storages by subresource; '' is the resource itself. Null: not served as the server is configured. */
export type ResourceStorages = Readonly<Record<string, RESTStorage | null>>;
export type BuildResource = (config: RESTStorageConfig, resource: GroupResource) => ResourceStorages;

type StoreExtras<T extends KubeObject> = Omit<
  StoreOptions<T>,
  'config' | 'resource' | 'storageVersion' | 'strategy'
>;

/** Some strategies ask the authorizer, or read other resources. */
type StrategySource<T extends KubeObject> =
  | RESTStrategy<T>
  | ((config: RESTStorageConfig) => RESTStrategy<T>);

export interface StoredResource<T extends KubeObject> extends StoreExtras<T> {
  /** That objects are stored in, of the strategy's kind. */
  readonly version: string;
  readonly strategy: StrategySource<T>;
  /** For `/status`. */
  readonly status?: StrategySource<T>;
  /** Finalizers without a domain need not be well known: the rule came with kinds of pkg/apis. */
  readonly anyFinalizers?: boolean | 'on update';
  /** Other subresources. */
  subresources?(store: Store<T>, config: RESTStorageConfig): ResourceStorages;
}

/** A resource whose objects are stored, and what stands on the same store. */
export function storedResource<T extends KubeObject>(definition: StoredResource<T>): BuildResource {
  const { version, anyFinalizers = false, subresources, ...options } = definition;
  return (config, resource) => {
    const strategyFrom = (source: StrategySource<T>): RESTStrategy<T> => {
      const strategy = typeof source === 'function' ? source(config) : source;
      if (anyFinalizers === true) return strategy;
      return withFinalizerRules(strategy, { onUpdate: anyFinalizers !== 'on update' });
    };
    const strategy = strategyFrom(definition.strategy);
    const storageVersion = { ...strategy.kind, version };
    const store = new Store<T>({ ...options, strategy, config, resource, storageVersion });
    return {
      '': store,
      ...(definition.status && { status: store.withStrategy(strategyFrom(definition.status)) }),
      ...subresources?.(store, config),
    };
  };
}

/**
 * Offers resources in every version that the table of resources lists them for, as far as they are served. A
 * resource is built once, when a version needs it. `resources` has the plural names.
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
