/** Who owns what, read from the replicas of all resources; a resource that hasn't changed isn't read again. */

import type { KubeObject } from '../../meta/kube-object.ts';
import type { OwnerReference } from '../../meta/v1/types.ts';
import {
  type ListerSnapshot,
  type ResourceAccess,
  UnknownResourceError,
} from '../../rest/resource-access.ts';
import type { CatalogResource } from '../resource-catalog.ts';

export interface GraphNode {
  readonly resource: CatalogResource;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly owners: readonly OwnerReference[];
  readonly finalizers: readonly string[];
  readonly isBeingDeleted: boolean;
}

export interface DependencyGraph {
  /** Objects with owners or in deletion: all that the garbage collector may have to touch. */
  readonly nodes: readonly GraphNode[];
  dependentsOf(uid: string): readonly GraphNode[];
  /** The object that a reference names, whatever its uid; undefined when there is none. */
  ownerOf(
    node: GraphNode,
    reference: OwnerReference,
  ): GraphNode | undefined | 'unknown kind' | 'out of reach';
}

type Index = {
  readonly nodes: readonly GraphNode[];
  find(namespace: string, name: string): GraphNode | undefined;
};

export class GraphBuilder {
  readonly #resources: ResourceAccess;
  readonly #indexes = new WeakMap<ListerSnapshot<KubeObject>, Index>();

  constructor(resources: ResourceAccess) {
    this.#resources = resources;
  }

  /** Undefined for custom resources whose definition has gone since the catalog was made. */
  async #snapshot(resource: CatalogResource): Promise<ListerSnapshot<KubeObject> | undefined> {
    try {
      return await this.#resources.lister<KubeObject>(resource).snapshot(0);
    } catch (error) {
      if (error instanceof UnknownResourceError) return undefined;
      throw error;
    }
  }

  async build(catalog: readonly CatalogResource[]): Promise<DependencyGraph> {
    const byKind = new Map<string, { resource: CatalogResource; index: Index }>();
    const indexes = await Promise.all(
      catalog.map(async (resource) => {
        const snapshot = await this.#snapshot(resource);
        if (snapshot === undefined) return undefined;
        const index = this.#indexOf(snapshot, resource);
        byKind.set(`${resource.group}/${resource.kind}`, { resource, index });
        return index;
      }),
    );
    const nodes = indexes.flatMap((index) => index?.nodes ?? []);
    const dependents = new Map<string, GraphNode[]>();
    for (const node of nodes) {
      for (const { uid } of node.owners) {
        const list = dependents.get(uid);
        if (list === undefined) dependents.set(uid, [node]);
        else list.push(node);
      }
    }
    return {
      nodes,
      dependentsOf: (uid) => dependents.get(uid) ?? [],
      ownerOf: (node, reference) => {
        const slash = reference.apiVersion.indexOf('/');
        const group = slash < 0 ? '' : reference.apiVersion.slice(0, slash);
        const found = byKind.get(`${group}/${reference.kind}`);
        if (found === undefined) return 'unknown kind';
        // A cluster-scoped object can't be owned by one in a namespace.
        if (node.namespace === '' && found.resource.namespaced) return 'out of reach';
        return found.index.find(found.resource.namespaced ? node.namespace : '', reference.name);
      },
    };
  }

  #indexOf(snapshot: ListerSnapshot<KubeObject>, resource: CatalogResource): Index {
    let index = this.#indexes.get(snapshot);
    if (index === undefined) {
      const byKey = new Map<string, KubeObject>(
        snapshot.items.map((object) => [
          `${object.metadata.namespace ?? ''}/${object.metadata.name}`,
          object,
        ]),
      );
      index = {
        nodes: snapshot.items
          .filter(({ metadata }) => (metadata.ownerReferences ?? []).length > 0 || metadata.deletionTimestamp)
          .map((object) => toNode(object, resource)),
        find: (namespace, name) => {
          const object = byKey.get(`${namespace}/${name}`);
          return object === undefined ? undefined : toNode(object, resource);
        },
      };
      this.#indexes.set(snapshot, index);
    }
    return index;
  }
}

function toNode({ metadata }: KubeObject, resource: CatalogResource): GraphNode {
  return {
    resource,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    owners: metadata.ownerReferences ?? [],
    finalizers: metadata.finalizers ?? [],
    isBeingDeleted: metadata.deletionTimestamp !== undefined,
  };
}
