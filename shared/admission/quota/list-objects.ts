import type { KubeObject } from '../../meta/kube-object.ts';
import { type ResourceAccess, UnknownResourceError } from '../../rest/resource-access.ts';
import type { GroupResource } from '../../runtime/group-version.ts';

/**
 * Lists internal objects of a resource in a namespace, '' for cluster-scoped ones; empty if the resource isn't served.
 */
export type ListObjects = (resource: GroupResource, namespace: string) => Promise<readonly KubeObject[]>;

/** Number of objects that `ListObjects` would list; none is decoded. */
export type CountObjects = (resource: GroupResource, namespace: string) => Promise<number>;

export function countObjectsOf(resources: ResourceAccess, maxStalenessMs?: number): CountObjects {
  return async (resource, namespace) => {
    try {
      return await resources.lister(resource).count(namespace, maxStalenessMs);
    } catch (error) {
      if (error instanceof UnknownResourceError) return 0;
      throw error;
    }
  };
}

export function listObjectsOf(resources: ResourceAccess, maxStalenessMs?: number): ListObjects {
  return async (resource, namespace) => {
    try {
      const lister = resources.lister(resource);
      if (namespace === '') return (await lister.snapshot(maxStalenessMs)).items;
      return await lister.list(namespace, maxStalenessMs);
    } catch (error) {
      if (error instanceof UnknownResourceError) return [];
      throw error;
    }
  };
}
