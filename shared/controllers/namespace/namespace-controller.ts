/**
 * Empties namespaces that are being deleted, then finalizes them
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/namespace/deletion/namespaced_resources_deleter.go).
 */

import type { Namespace } from '../../apis/core/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { isConflict, isNotFound } from '../../meta/status-error.ts';
import { type ResourceAccess, UnknownResourceError } from '../../rest/resource-access.ts';
import { forEachConcurrent } from '../../util/for-each-concurrent.ts';
import { type Change, type Controller, isResource } from '../controller.ts';
import { type CatalogResource, deletable, type ResourceCatalog } from '../resource-catalog.ts';
import { type DeletionReport, updatedConditions } from './conditions.ts';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const FINALIZER = 'kubernetes';

/** Number of resources emptied concurrently. */
const AT_ONCE = 8;
/** The end of remaining objects is normally observed; this covers objects whose end is not. */
const RETRY_MS = 5_000;

export class NamespaceController implements Controller {
  readonly name = 'namespace-controller';
  readonly #resources: ResourceAccess;
  readonly #catalog: ResourceCatalog;
  /** Namespaces known to be in deletion, whose content is observed. */
  readonly #terminating = new Set<string>();

  constructor(resources: ResourceAccess, catalog: ResourceCatalog) {
    this.#resources = resources;
    this.#catalog = catalog;
  }

  keysFor(change: Change): string[] {
    if (isResource(change.resource, '', 'namespaces')) {
      if (change.type === 'DELETED') this.#terminating.delete(change.name);
      else if (change.object().metadata.deletionTimestamp) return [change.name];
      return [];
    }
    return change.namespace !== '' && this.#terminating.has(change.namespace) ? [change.namespace] : [];
  }

  async keysAfterEnd({ namespace }: Change): Promise<string[]> {
    if (namespace === '') return [];
    const found = await this.#resources.lister<Namespace>(NAMESPACES).get('', namespace, 0);
    return found?.metadata.deletionTimestamp ? [namespace] : [];
  }

  async allKeys(): Promise<string[]> {
    const { items } = await this.#resources.lister<Namespace>(NAMESPACES).snapshot(0);
    return items.filter(({ metadata }) => metadata.deletionTimestamp).map(({ metadata }) => metadata.name!);
  }

  async reconcile(name: string): Promise<number | undefined> {
    const namespace = await this.#resources.lister<Namespace>(NAMESPACES).get('', name, 0);
    if (!namespace?.metadata.deletionTimestamp) return undefined;
    if ((namespace.spec.finalizers ?? []).length === 0) return undefined;
    this.#terminating.add(name);
    const report = await this.#empty(name);
    const conditions = updatedConditions(namespace.status.conditions ?? [], report, Date.now());
    const isDone =
      report.errors.length === 0 && report.remaining.size === 0 && report.discoveryError === undefined;
    try {
      if (conditions !== undefined && !isDone) {
        const patch = { status: { conditions } };
        await this.#patch(name, patch, 'status');
      }
      if (isDone) await this.#finalize(name);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return isDone ? undefined : RETRY_MS;
  }

  /** Deletes the namespace's objects, pods first: they may need the others for a clean shutdown. */
  async #empty(namespace: string): Promise<DeletionReport> {
    const errors: string[] = [];
    const remaining = new Map<string, number>();
    const finalizers = new Map<string, number>();
    let discoveryError: string | undefined;
    let served: readonly CatalogResource[] = [];
    try {
      served = deletable(await this.#catalog.inUse()).filter(({ namespaced }) => namespaced);
      discoveryError = discoveryFailure(await this.#catalog.stale());
    } catch (error) {
      discoveryError = error instanceof Error ? error.message : String(error);
    }
    const emptyOne = async (resource: CatalogResource): Promise<void> => {
      try {
        for (const object of await this.#deleteAll(resource, namespace)) {
          const name = `${resource.resource}.${resource.group}`;
          remaining.set(name, (remaining.get(name) ?? 0) + 1);
          for (const finalizer of object.metadata.finalizers ?? []) {
            finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
          }
        }
      } catch (error) {
        // A definition deleted meanwhile has taken its instances with it.
        if (error instanceof UnknownResourceError) return;
        errors.push(error instanceof Error ? error.message : String(error));
      }
    };
    const isPods = (resource: CatalogResource) => isResource(resource, '', 'pods');
    await forEachConcurrent(served.filter(isPods), AT_ONCE, emptyOne);
    await forEachConcurrent(
      served.filter((resource) => !isPods(resource)),
      AT_ONCE,
      emptyOne,
    );
    return { discoveryError, errors, remaining, finalizers };
  }

  /** Returns the objects that still exist afterwards. */
  async #deleteAll(resource: CatalogResource, namespace: string): Promise<readonly KubeObject[]> {
    const { client } = this.#resources;
    const lister = resource.isRemote ? undefined : this.#resources.lister<KubeObject>(resource);
    const list = async () => lister?.list(namespace, 0) ?? client.list(resource, { namespace });
    const objects = await list();
    const toDelete = objects.filter(({ metadata }) => !metadata.deletionTimestamp);
    for (const { metadata } of toDelete) {
      const options = { namespace, name: metadata.name!, propagationPolicy: 'Background' as const };
      await client.delete(resource, options).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
    return objects.length === 0 ? [] : list();
  }

  async #patch(name: string, patch: unknown, subresource: string): Promise<void> {
    await this.#resources.client.patch(NAMESPACES, patch, {
      name,
      subresource,
      patchType: 'application/merge-patch+json',
    });
  }

  /** Removes the namespace's own finalizer, and so the namespace. */
  async #finalize(name: string): Promise<void> {
    const { client } = this.#resources;
    const namespace = await client.get<Namespace>(NAMESPACES, { name });
    namespace.spec.finalizers = (namespace.spec.finalizers ?? []).filter(
      (finalizer) => finalizer !== FINALIZER,
    );
    try {
      await client.update(NAMESPACES, namespace, { name, subresource: 'finalize' });
    } catch (error) {
      // The conflicting write queues the namespace again.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}

/** client-go's message for stale group versions. */
function discoveryFailure(stale: readonly string[]): string | undefined {
  if (stale.length === 0) return undefined;
  const causes = stale.map((apiVersion) => `${apiVersion}: stale GroupVersion discovery: ${apiVersion}`);
  const error = `unable to retrieve the complete list of server APIs: ${causes.sort().join(', ')}`;
  return `Discovery failed for some groups, ${stale.length} failing: ${error}`;
}
