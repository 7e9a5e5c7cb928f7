/**
 * Deletes what has lost all its owners, and carries out foreground and orphaning deletions
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/garbagecollector/garbagecollector.go).
 * Where upstream keeps a graph up to date from watches, this one reads it from the replicas when something happened.
 */

import { isConflict, isNotFound } from '../../meta/status-error.ts';
import type { ClientOptions, ResourceAccess } from '../../rest/resource-access.ts';
import type { Change, Controller } from '../controller.ts';
import { deletable, type ResourceCatalog } from '../resource-catalog.ts';
import { type DependencyGraph, GraphBuilder, type GraphNode } from './dependency-graph.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** There is one graph, and so one key. */
const GRAPH = 'graph';

export class GarbageCollector implements Controller {
  readonly name = 'garbage-collector-controller';
  readonly #resources: ResourceAccess;
  readonly #catalog: ResourceCatalog;
  readonly #builder: GraphBuilder;

  constructor(resources: ResourceAccess, catalog: ResourceCatalog) {
    this.#resources = resources;
    this.#catalog = catalog;
    this.#builder = new GraphBuilder(resources);
  }

  keysFor(change: Change): string[] {
    // Events are many and own nothing.
    if (change.resource.resource === 'events') return [];
    if (change.type === 'DELETED') return [GRAPH];
    const { ownerReferences, deletionTimestamp } = change.object().metadata;
    return (ownerReferences ?? []).length > 0 || deletionTimestamp ? [GRAPH] : [];
  }

  async allKeys(): Promise<string[]> {
    return [GRAPH];
  }

  /** One pass over the graph. What it changes brings it here again, until it finds nothing to do. */
  async reconcile(): Promise<undefined> {
    const catalog = deletable(await this.#catalog.resources()).filter(
      ({ resource }) => resource !== 'events',
    );
    const graph = await this.#builder.build(catalog);
    for (const node of graph.nodes) {
      try {
        await this.#process(node, graph);
      } catch (error) {
        // Gone or changed since the graph was read: the next pass sees it as it is.
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }
    return undefined;
  }

  async #process(node: GraphNode, graph: DependencyGraph): Promise<void> {
    if (node.isBeingDeleted) {
      if (node.finalizers.includes(ORPHAN)) await this.#orphan(node, graph);
      else if (node.finalizers.includes(FOREGROUND)) await this.#finishForeground(node, graph);
      return;
    }
    await this.#collect(node, graph);
  }

  /** Makes the object's dependents free, then lets it go. */
  async #orphan(node: GraphNode, graph: DependencyGraph): Promise<void> {
    for (const dependent of graph.dependentsOf(node.uid))
      await this.#removeOwners(dependent, new Set([node.uid]));
    await this.#removeFinalizer(node, ORPHAN);
  }

  /** Lets the object go when no dependent that blocks it is left; dependents are collected as nodes of their own. */
  async #finishForeground(node: GraphNode, graph: DependencyGraph): Promise<void> {
    const isBlocked = graph
      .dependentsOf(node.uid)
      .some(({ owners }) =>
        owners.some(({ uid, blockOwnerDeletion }) => uid === node.uid && blockOwnerDeletion),
      );
    if (!isBlocked) await this.#removeFinalizer(node, FOREGROUND);
  }

  async #collect(node: GraphNode, graph: DependencyGraph): Promise<void> {
    const gone = new Set<string>();
    const waiting = new Set<string>();
    let solid = 0;
    for (const reference of node.owners) {
      const owner = graph.ownerOf(node, reference);
      // An owner that can't be looked up may exist: nothing is deleted on a guess.
      if (owner === 'unknown kind' || owner === 'out of reach') return;
      if (owner === undefined || owner.uid !== reference.uid) gone.add(reference.uid);
      else if (owner.isBeingDeleted && owner.finalizers.includes(FOREGROUND)) waiting.add(reference.uid);
      else solid++;
    }
    if (solid > 0) {
      if (gone.size + waiting.size > 0) await this.#removeOwners(node, new Set([...gone, ...waiting]));
      return;
    }
    const dependents = graph.dependentsOf(node.uid);
    if (waiting.size > 0 && dependents.length > 0) {
      // Owners in a circle would each wait for the other.
      if (
        dependents.some(({ finalizers, isBeingDeleted }) => isBeingDeleted && finalizers.includes(FOREGROUND))
      ) {
        await this.#unblockOwners(node);
      }
      await this.#delete(node, 'Foreground');
      return;
    }
    const policy = node.finalizers.includes(ORPHAN)
      ? 'Orphan'
      : node.finalizers.includes(FOREGROUND)
        ? 'Foreground'
        : 'Background';
    await this.#delete(node, policy);
  }

  async #delete(node: GraphNode, propagationPolicy: 'Orphan' | 'Background' | 'Foreground'): Promise<void> {
    await this.#resources.client.delete(node.resource, {
      ...target(node),
      propagationPolicy,
      preconditions: { uid: node.uid },
    });
  }

  #removeOwners(node: GraphNode, uids: ReadonlySet<string>): Promise<unknown> {
    return this.#patchMetadata(node, { ownerReferences: node.owners.filter(({ uid }) => !uids.has(uid)) });
  }

  #unblockOwners(node: GraphNode): Promise<unknown> {
    const ownerReferences = node.owners.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
    return this.#patchMetadata(node, { ownerReferences });
  }

  #removeFinalizer(node: GraphNode, name: string): Promise<unknown> {
    return this.#patchMetadata(node, {
      finalizers: node.finalizers.filter((finalizer) => finalizer !== name),
    });
  }

  /** Changes the object only as the graph saw it: uid and revision stand in the patch. */
  #patchMetadata(node: GraphNode, change: Record<string, unknown>): Promise<unknown> {
    const { uid, resourceVersion } = node;
    const patch = { metadata: { uid, resourceVersion, ...change } };
    return this.#resources.client.patch(node.resource, patch, {
      ...target(node),
      patchType: 'application/merge-patch+json',
    });
  }
}

function target({ namespace, name }: GraphNode): ClientOptions {
  return namespace === '' ? { name } : { namespace, name };
}
