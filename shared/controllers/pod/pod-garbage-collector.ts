/** Removes pods that are being deleted from nodes that do not exist: no kubelet will ever confirm their end. */

import type { Node, Pod } from '../../apis/core/v1/types.ts';
import { isConflict, isNotFound } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
const NODES = { group: '', resource: 'nodes' };

export class PodGarbageCollector implements Controller {
  readonly name = 'pod-garbage-collector-controller';
  readonly #resources: ResourceAccess;

  constructor(resources: ResourceAccess) {
    this.#resources = resources;
  }

  keysFor(change: Change): string[] {
    if (!isResource(change.resource, '', 'pods') || change.type === 'DELETED') return [];
    return change.object().metadata.deletionTimestamp ? [`${change.namespace}/${change.name}`] : [];
  }

  /** Pods wait for their node to let them go, or to be gone. */
  async keysAfterEnd({ resource }: Change): Promise<string[]> {
    return isResource(resource, '', 'nodes') ? this.allKeys() : [];
  }

  async allKeys(): Promise<string[]> {
    const { items } = await this.#resources.lister<Pod>(PODS).snapshot(0);
    return items
      .filter(({ metadata }) => metadata.deletionTimestamp)
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  }

  async reconcile(key: string): Promise<number | undefined> {
    const [namespace, name] = key.split('/') as [string, string];
    const pod = await this.#resources.lister<Pod>(PODS).get(namespace, name, 0);
    if (!pod?.metadata.deletionTimestamp) return undefined;
    const { nodeName } = pod.spec;
    if (nodeName && (await this.#resources.lister<Node>(NODES).get('', nodeName, 0))) return undefined;
    const waitMs = Date.parse(pod.metadata.deletionTimestamp) - Date.now();
    if (waitMs > 0) return waitMs;
    const preconditions = { uid: pod.metadata.uid! };
    try {
      await this.#resources.client.delete(PODS, { namespace, name, gracePeriodSeconds: 0, preconditions });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    return undefined;
  }
}
