/** The resources that a control plane may have stored, by storage prefix. */

import { customResourceCodec } from '../apiextensions/registry/customresource/custom-resource-codec.ts';
import { customResourcePrefix } from '../apiextensions/registry/customresource/open-custom-resources.ts';
import { builtinResources } from '../apis/resource-table.ts';
import type { UnstructuredObject } from '../meta/kube-object.ts';
import { NODE_PORTS_PREFIX } from '../registry/core/service/port-allocator.ts';
import { resourcePrefix } from '../registry/generic/store.ts';
import type { GroupResource } from '../runtime/group-version.ts';
import type { TransformerFor } from '../storage/encryption/encryption.ts';
import type { StorageConfig, StorageFactory } from '../storage/storage.ts';
import { byDependency } from './dependency-order.ts';

/** One control plane's store, and how its values are encrypted. */
export interface Store {
  readonly factory: StorageFactory;
  readonly transformerFor: TransformerFor;
}

export interface StoredResource extends GroupResource {
  /** `/registry/apps/deployments`. */
  readonly prefix: string;
}

const DEFINITIONS = stored({ group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' });

function stored(resource: GroupResource, prefix = resourcePrefix(resource)): StoredResource {
  return { ...resource, prefix };
}

/**
 * Every built-in resource of every release, whether served or not, and those of the stored definitions. In the order
 * for creation in another cluster, definitions first, since the custom resources that follow depend on them.
 */
export async function storedResources(store: Store): Promise<StoredResource[]> {
  const found = new Map([[DEFINITIONS.prefix, DEFINITIONS]]);
  const add = (resource: StoredResource) => found.set(resource.prefix, resource);
  for (const [groupVersion, { resources }] of builtinResources()) {
    const group = groupVersion.includes('/') ? groupVersion.split('/')[0]! : '';
    for (const resource of Object.keys(resources)) add(stored({ group, resource }));
  }
  add(stored({ group: '', resource: 'nodeports' }, NODE_PORTS_PREFIX));
  const { items } = await store.factory.storageFor(storageOf(DEFINITIONS, store)).list({ prefix: '' });
  for (const item of items) {
    const { group, names } = item.object()['spec'] as { group: string; names: { plural: string } };
    const resource = { group, resource: names.plural };
    add(stored(resource, customResourcePrefix(resource)));
  }
  return [...found.values()].sort(byDependency);
}

/** A storage of a resource's objects in their stored form, whatever their kind and version. */
export function storageOf(
  resource: StoredResource,
  { transformerFor }: Store,
): StorageConfig<UnstructuredObject> {
  const transformer = transformerFor(resource);
  return {
    resourcePrefix: resource.prefix,
    codec: customResourceCodec,
    attributes: () => ({ labels: {}, fields: {}, uid: '', namespace: '' }),
    ...(transformer !== undefined && { transformer }),
  };
}
