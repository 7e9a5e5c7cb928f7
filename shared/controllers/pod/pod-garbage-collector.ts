/** Removes pods that are being deleted from nodes that do not exist: no kubelet will ever confirm their end. */

import type { Node, Pod } from '../../apis/core/v1/types.ts';
import { isConflict, isNotFound } from '../../meta/status-error.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { lowest } from '../../util/extremes.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
const NODES = { group: '', resource: 'nodes' };

export class PodGarbageCollector implements Controller {
  readonly name = 'pod-garbage-collector-controller';
  readonly looksThroughMuch = true;
  readonly #resources: ResourceAccess;

  constructor(resources: ResourceAccess) {
    this.#resources = resources;
  }

  /** `namespace/name` of a pod, or `/name` of a node that is gone: pods wait for their node to let them go. */
  keysFor(change: Change): string[] {
    if (isResource(change.resource, '', 'nodes')) return change.type === 'DELETED' ? [`/${change.name}`] : [];
    if (!isResource(change.resource, '', 'pods') || change.type === 'DELETED') return [];
    return change.object().metadata.deletionTimestamp ? [keyOf(change)] : [];
  }

  async allKeys(): Promise<string[]> {
    return (await this.#terminating()).map(({ metadata }) => keyOf(metadata));
  }

  async reconcile(key: string): Promise<number | undefined> {
    const [namespace, name] = key.split('/') as [string, string];
    if (namespace === '') return this.#reconcileNode(name);
    return this.#reconcilePod(namespace, name);
  }

  async #terminating(): Promise<readonly Pod[]> {
    const pods = await this.#resources.lister<Pod>(PODS).snapshot(0);
    const candidates = await pods.containing(['"deletionTimestamp":']);
    return candidates.filter(({ metadata }) => metadata.deletionTimestamp);
  }

  async #reconcileNode(nodeName: string): Promise<number | undefined> {
    const waits: number[] = [];
    for (const { metadata, spec } of await this.#terminating()) {
      if (spec.nodeName !== nodeName) continue;
      const wait = await this.#reconcilePod(metadata.namespace!, metadata.name!);
      if (wait !== undefined) waits.push(wait);
    }
    return waits.length === 0 ? undefined : lowest(waits);
  }

  async #reconcilePod(namespace: string, name: string): Promise<number | undefined> {
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

const keyOf = ({ namespace, name }: Pick<ObjectMeta, 'namespace' | 'name'>) => `${namespace}/${name}`;
