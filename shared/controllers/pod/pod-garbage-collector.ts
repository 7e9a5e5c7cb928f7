/**
 * Removes pods whose end no kubelet will confirm: their node is gone or out of service, they have none, or there are
 * more terminated pods than the threshold
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/podgc/gc_controller.go).
 */

import { isPodTerminal } from '../../apis/core/pod-conditions.ts';
import type { Node, Pod } from '../../apis/core/v1/types.ts';
import { isConflict, isNotFound } from '../../meta/status-error.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { lowest } from '../../util/extremes.ts';
import { type Change, type Controller, isResource } from '../controller.ts';
import { ENDED, TERMINATING } from '../stored-texts.ts';
import { byEvictionAndCreation, failedStatus, isOutOfService } from './pod-end.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
const NODES = { group: '', resource: 'nodes' };
/** Text in the JSON of pods that are bound to a node. */
const BOUND = '"nodeName":';
const OF_INTEREST = [BOUND, TERMINATING, ...ENDED];
const TERMINATED = '/';
/** As TERMINATED, whatever it costs to count them. */
const ALL_TERMINATED = '//';
/** kube-controller-manager's default of `--terminated-pod-gc-threshold`. */
const TERMINATED_THRESHOLD = 12_500;
/** Interval between counts of terminated pods. */
const CHECK_MS = 20_000;
/** Grace period for a missing node to return. */
const QUARANTINE_MS = 40_000;
/** Retry delay after a conflict. */
const RETRY_MS = 100;

/** State of one control plane's collector between turns. */
interface Memory {
  /** By pod: since when its node is missing, in milliseconds since the epoch. */
  readonly missing: Map<string, number>;
  countedAt: number;
}

const memories = new WeakMap<ResourceAccess, Memory>();

function memoryOf(resources: ResourceAccess): Memory {
  let memory = memories.get(resources);
  if (memory === undefined) {
    memory = { missing: new Map(), countedAt: Number.NEGATIVE_INFINITY };
    memories.set(resources, memory);
  }
  return memory;
}

export interface PodGarbageCollectorOptions {
  readonly terminatedThreshold?: number;
  readonly quarantineMs?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export class PodGarbageCollector implements Controller {
  readonly name = 'pod-garbage-collector-controller';
  readonly looksThroughMuch = true;
  readonly #resources: ResourceAccess;
  readonly #threshold: number;
  readonly #quarantineMs: number;
  readonly #now: () => number;

  constructor(
    resources: ResourceAccess,
    {
      terminatedThreshold = TERMINATED_THRESHOLD,
      quarantineMs = QUARANTINE_MS,
      now = Date.now,
    }: PodGarbageCollectorOptions = {},
  ) {
    this.#resources = resources;
    this.#threshold = terminatedThreshold;
    this.#quarantineMs = quarantineMs;
    this.#now = now;
  }

  /**
   * `namespace/name` of a pod, `/name` of a node whose pods may have to be removed, or `/` for all terminated pods. Without
   * a snapshot these are counted in the next full check: one more or less doesn't justify reading all pods.
   */
  keysFor(change: Change): string[] {
    if (isResource(change.resource, '', 'nodes')) {
      const mayEndPods = change.type === 'DELETED' || isOutOfService(change.object() as Node);
      return mayEndPods ? [`/${change.name}`] : [];
    }
    if (!isResource(change.resource, '', 'pods') || change.type === 'DELETED') return [];
    if (change.contains?.(OF_INTEREST) === false) return [];
    const pod = change.object() as Pod;
    return [
      ...(pod.metadata.deletionTimestamp || pod.spec.nodeName ? [keyOf(change)] : []),
      ...(isPodTerminal(pod) ? [TERMINATED] : []),
    ];
  }

  async allKeys(): Promise<string[]> {
    const pods = await this.#podsWith([TERMINATING, BOUND]);
    const lost = pods.filter(({ metadata, spec }) => metadata.deletionTimestamp || spec.nodeName);
    return [...lost.map(({ metadata }) => keyOf(metadata)), ALL_TERMINATED];
  }

  async reconcile(key: string): Promise<number | undefined> {
    if (key === ALL_TERMINATED) return this.#reconcileTerminated();
    if (key === TERMINATED) return (await this.#holdsPods()) ? this.#reconcileTerminated() : undefined;
    const [namespace, name] = key.split('/') as [string, string];
    if (namespace === '') return this.#reconcileNode(name);
    const pod = await this.#resources.lister<Pod>(PODS).get(namespace, name, 0);
    if (pod !== undefined) return this.#reconcilePod(pod);
    memoryOf(this.#resources).missing.delete(key);
    return undefined;
  }

  async #holdsPods(): Promise<boolean> {
    const sparse = await this.#resources.lister<Pod>(PODS).sparse?.();
    return sparse === undefined || (await sparse.held(0)) !== undefined;
  }

  async #podsWith(texts: readonly string[]): Promise<readonly Pod[]> {
    return (await this.#resources.lister<Pod>(PODS).snapshot(0)).containing(texts);
  }

  async #reconcileNode(nodeName: string): Promise<number | undefined> {
    const waits: number[] = [];
    for (const pod of await this.#podsWith([BOUND])) {
      if (pod.spec.nodeName !== nodeName) continue;
      const wait = await this.#reconcilePod(pod);
      if (wait !== undefined) waits.push(wait);
    }
    return waits.length === 0 ? undefined : lowest(waits);
  }

  async #reconcilePod(pod: Pod): Promise<number | undefined> {
    const { nodeName } = pod.spec;
    const { deletionTimestamp } = pod.metadata;
    const { missing } = memoryOf(this.#resources);
    const key = keyOf(pod.metadata);
    const node = nodeName && (await this.#resources.lister<Node>(NODES).get('', nodeName, 0));
    if (node) {
      missing.delete(key);
      return deletionTimestamp && isOutOfService(node) ? this.#remove(pod) : undefined;
    }
    if (deletionTimestamp) {
      const waitMs = Date.parse(deletionTimestamp) - this.#now();
      return waitMs > 0 ? waitMs : this.#remove(pod, { isOrphaned: Boolean(nodeName) });
    }
    if (!nodeName) return undefined;
    const since = missing.get(key) ?? this.#now();
    missing.set(key, since);
    const waitMs = since + this.#quarantineMs - this.#now();
    if (waitMs > 0) return waitMs;
    missing.delete(key);
    return this.#remove(pod, { isOrphaned: true });
  }

  /** Removes the oldest terminated pods, if there are too many. */
  async #reconcileTerminated(): Promise<number | undefined> {
    const memory = memoryOf(this.#resources);
    const waitMs = memory.countedAt + CHECK_MS - this.#now();
    if (waitMs > 0) return waitMs;
    memory.countedAt = this.#now();
    const ended = (await this.#podsWith(ENDED)).filter(isPodTerminal);
    const surplus = ended.length - this.#threshold;
    if (surplus <= 0) return undefined;
    for (const pod of [...ended].sort(byEvictionAndCreation).slice(0, surplus)) await this.#remove(pod);
    return undefined;
  }

  /** Terminates the pod, and deletes it at once. Resolves to the delay before a retry. */
  async #remove(pod: Pod, { isOrphaned = false } = {}): Promise<number | undefined> {
    const { client } = this.#resources;
    const { namespace = '', name = '', uid = '', resourceVersion } = pod.metadata;
    try {
      if (!isPodTerminal(pod)) {
        const status = failedStatus(pod, { isOrphaned, now: new Date(this.#now()) });
        const patch = { metadata: { uid, resourceVersion }, status };
        await client.patch(PODS, patch, { namespace, name, subresource: 'status' });
      }
      await client.delete(PODS, { namespace, name, gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (isConflict(error)) return RETRY_MS;
      if (!isNotFound(error)) throw error;
    }
    return undefined;
  }
}

const keyOf = ({ namespace, name }: Pick<ObjectMeta, 'namespace' | 'name'>) => `${namespace}/${name}`;
