/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/pod/storage/eviction.go */

import { setTimeout as sleep } from 'node:timers/promises';
import { isPodReady, isPodTerminal, updatePodCondition } from '../../../apis/core/pod-conditions.ts';
import type { Pod } from '../../../apis/core/v1/types.ts';
import type { Eviction, PodDisruptionBudget } from '../../../apis/policy/v1/types.ts';
import { invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { KubeObject } from '../../../meta/kube-object.ts';
import {
  isConflict,
  newBadRequest,
  newConflict,
  newInvalid,
  StatusError,
} from '../../../meta/status-error.ts';
import type { DeleteOptions } from '../../../meta/v1/types.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import { UNSAFE_DELETION, validateDeleteOptions } from '../../../rest/delete-options.ts';
import type { LoopbackClient } from '../../../rest/resource-access.ts';
import {
  isStatus,
  type NamedCreater,
  objectOf,
  type RESTCreateOptions,
  type RESTDeleteOptions,
  type RESTObject,
  type ValidateObject,
} from '../../../rest/rest-storage.ts';
import type { GroupResource } from '../../../runtime/group-version.ts';
import { deepCopy } from '../../../util/deep-copy.ts';
import type { Store } from '../../generic/store.ts';
import type { StrategyStore } from '../../generic/strategy-store.ts';
import { createdStatus } from './created-status.ts';
import { budgetIsBeingProcessed, budgetsOf, takeDisruption } from './disruption-budgets.ts';

const POD: GroupResource = { group: '', resource: 'Pod' };
const EVICTION = { group: 'policy', kind: 'Eviction' };
const REFUSED_UNSAFE = 'can not be set for pod eviction, try after removing the option';
const ATTEMPTS = 20;
const PAUSE_MS = 50;

/** Pods to which budgets don't apply, because they are terminal, terminating or pending. */
const isUnprotected = (pod: Pod): boolean =>
  isPodTerminal(pod) || pod.status?.phase === 'Pending' || Boolean(pod.metadata.deletionTimestamp);

/** Whether an unhealthy pod may be evicted without using its budget. */
function mayGoUnhealthy(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isPodReady(pod)) return false;
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status;
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

interface EvictionOptions extends RESTDeleteOptions {
  /** The client's options, validated when the pod is deleted, as upstream does. */
  readonly written: DeleteOptions;
}

function deleteOptionsOf({ deleteOptions = {} }: Eviction): EvictionOptions {
  const { gracePeriodSeconds, preconditions, orphanDependents, propagationPolicy } = deleteOptions;
  return {
    gracePeriodSeconds,
    preconditions,
    orphanDependents,
    propagationPolicy,
    dryRun: (deleteOptions.dryRun ?? []).length > 0,
    written: deleteOptions,
  };
}

/** Adds the resource version that was read as a precondition. */
function withResourceVersion(options: EvictionOptions, resourceVersion: string | undefined): EvictionOptions {
  return { ...options, preconditions: { ...options.preconditions, resourceVersion } };
}

export interface EvictionRESTOptions {
  readonly pods: Store<Pod>;
  readonly status: StrategyStore<Pod>;
  readonly client: LoopbackClient;
}

/** `pods/eviction`: deletes a pod unless that violates its disruption budget. */
export class EvictionREST implements NamedCreater {
  readonly groupResource: GroupResource = { group: '', resource: 'pods' };
  readonly #options: EvictionRESTOptions;

  constructor(options: EvictionRESTOptions) {
    this.#options = options;
  }

  async createNamed(
    context: RequestContext,
    name: string,
    object: KubeObject,
    validate: ValidateObject,
    { dryRun }: RESTCreateOptions,
  ): Promise<RESTObject> {
    const eviction = object as Eviction;
    if (eviction.metadata.name !== name) {
      throw newBadRequest('name in URL does not match name in Eviction object');
    }
    if (eviction.deleteOptions?.[UNSAFE_DELETION]) {
      const path = FieldPath.of('deleteOptions', UNSAFE_DELETION);
      throw newInvalid(EVICTION, name, [invalid(path, true, REFUSED_UNSAFE)]);
    }
    const own = eviction.deleteOptions?.dryRun ?? [];
    if (dryRun && own.length > 0 && own.join() !== 'All') {
      throw newBadRequest(
        `Non-matching dry-run options in request and content: [All] and [${own.join(' ')}]`,
      );
    }
    if (dryRun) eviction.deleteOptions = { ...eviction.deleteOptions, dryRun: ['All'] };
    const options = deleteOptionsOf(eviction);
    await validate(deepCopy(eviction));
    const { pod, revision } = await this.#deleteUnprotected(context, name, options);
    const deletion = pod === undefined ? revision : await this.#deleteProtected(context, pod, options);
    return createdStatus(context, deletion);
  }

  /**
   * Resolves to the pod, without deleting it, if a budget may protect it; otherwise to the revision of its deletion.
   */
  async #deleteUnprotected(
    context: RequestContext,
    name: string,
    options: EvictionOptions,
  ): Promise<{ readonly pod?: Pod; readonly revision?: string | undefined }> {
    const isBound = options.preconditions?.resourceVersion !== undefined;
    for (let attempt = 1; ; attempt++) {
      const pod = (await this.#options.pods.get(context, name, {})).object() as Pod;
      if (!isUnprotected(pod)) return { pod };
      // A pending pod may concurrently become ready and thus protected.
      const mayChange = !isPodTerminal(pod) && !pod.metadata.deletionTimestamp;
      const bind = mayChange && !isBound;
      try {
        const bound = bind ? withResourceVersion(options, pod.metadata.resourceVersion) : options;
        return { revision: await this.#delete(context, name, bound) };
      } catch (error) {
        if (isBound || !isConflict(error) || attempt === ATTEMPTS) throw error;
      }
      await sleep(PAUSE_MS);
    }
  }

  async #deleteProtected(
    context: RequestContext,
    pod: Pod,
    options: EvictionOptions,
  ): Promise<string | undefined> {
    const { client } = this.#options;
    const name = pod.metadata.name ?? '';
    const [budget, ...more] = await budgetsOf(client, pod);
    if (more.length > 0) {
      const message =
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
      throw new StatusError({ code: 500, message });
    }
    if (budget === undefined) return this.#delete(context, name, options);
    if (!mayGoUnhealthy(pod, budget)) {
      await takeDisruption(client, budget, { podName: name, dryRun: options.dryRun });
      return this.#delete(context, name, options);
    }
    try {
      return await this.#delete(context, name, withResourceVersion(options, pod.metadata.resourceVersion));
    } catch (error) {
      // The pod may have become healthy, so the client has to retry.
      const wasBound = options.preconditions?.resourceVersion !== undefined;
      if (isConflict(error) && !wasBound) throw budgetIsBeingProcessed(budget.metadata.name ?? '');
      throw error;
    }
  }

  /** Resolves to the revision of the deletion, or of the update that marked the pod. */
  async #delete(
    context: RequestContext,
    name: string,
    options: EvictionOptions,
  ): Promise<string | undefined> {
    validateDeleteOptions(options.written);
    let bound = options;
    if (!options.dryRun) {
      const { item } = await this.#markDisrupted(context, name, options);
      if (options.preconditions?.resourceVersion !== undefined) {
        bound = withResourceVersion(options, item.object().metadata.resourceVersion);
      }
    }
    const { result } = await this.#options.pods.delete(context, name, async () => {}, bound);
    const { metadata } = isStatus(result) ? result : await objectOf(result);
    return metadata.resourceVersion;
  }

  /** Adds a condition that explains the deletion while the pod terminates. */
  #markDisrupted(
    context: RequestContext,
    name: string,
    { preconditions }: RESTDeleteOptions,
  ): Promise<{ readonly item: RESTObject }> {
    return this.#options.status.update(
      context,
      name,
      {
        updatedObject: async (_context, current) => {
          const pod = deepCopy(current) as Pod;
          checkPreconditions(pod, preconditions);
          updatePodCondition(pod.status, {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'EvictionByEvictionAPI',
            message: 'Eviction API: evicting',
          });
          return pod;
        },
      },
      { dryRun: false, createValidation: async () => {}, updateValidation: async () => {} },
    );
  }
}

function checkPreconditions({ metadata }: Pod, preconditions: RESTDeleteOptions['preconditions']): void {
  const { uid, resourceVersion } = preconditions ?? {};
  const name = metadata.name ?? '';
  if (uid && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw newConflict(POD, name, why);
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw newConflict(POD, name, why);
  }
}
