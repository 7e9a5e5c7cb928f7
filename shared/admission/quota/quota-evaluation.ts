import { setTimeout as sleep } from 'node:timers/promises';
import { parseResourceList } from '../../apis/core/pod-resources.ts';
import type { ResourceQuota } from '../../apis/core/v1/types.ts';
import { isConflict, isNotFound, newInternalError } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { AdmissionAttributes } from '../admission.ts';
import { equalAmounts, formatAmounts } from './amounts.ts';
import { checkRequest, type LimitedResource, type QuotaState } from './check-request.ts';
import type { QuotaEvaluator } from './evaluator.ts';

const QUOTAS = { group: '', version: 'v1', resource: 'resourcequotas' };
const TIMEOUT_MS = 10_000;
/** Maximum delay before a retry after a conflict. */
const MAX_PAUSE_MS = 200;
const MAX_REMEMBERED = 100;

interface Waiter {
  readonly attributes: AdmissionAttributes;
  readonly evaluator: QuotaEvaluator;
  readonly deadline: number;
  readonly settle: (error?: unknown) => void;
}

/**
 * Charges requests to the quotas of their namespace before they proceed. Usage is written conditionally on the resource
 * version that was read, and retried on conflict, so that servers together never exceed a quota. Concurrent requests in
 * a namespace are charged in batches with a single write.
 */
export class QuotaEvaluation {
  readonly #resources: ResourceAccess;
  readonly #limitedResources: readonly LimitedResource[];
  /** By namespace, while requests of it are being charged. */
  readonly #queues = new Map<string, Waiter[]>();
  /** Quotas last written by this server, by key, because the lister may lag. */
  readonly #written = new Map<string, ResourceQuota>();

  constructor(resources: ResourceAccess, limitedResources: readonly LimitedResource[]) {
    this.#resources = resources;
    this.#limitedResources = limitedResources;
  }

  /** Rejects with Forbidden if a quota would be exceeded. */
  evaluate(attributes: AdmissionAttributes, evaluator: QuotaEvaluator): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => (error === undefined ? resolve() : reject(error));
      const waiter = { attributes, evaluator, deadline: Date.now() + TIMEOUT_MS, settle };
      const queue = this.#queues.get(attributes.namespace);
      if (queue !== undefined) {
        queue.push(waiter);
      } else {
        this.#queues.set(attributes.namespace, [waiter]);
        void this.#run(attributes.namespace);
      }
    });
  }

  async #run(namespace: string): Promise<void> {
    const queue = this.#queues.get(namespace)!;
    while (queue.length > 0) {
      const batch = queue.splice(0);
      try {
        await this.#charge(namespace, batch);
      } catch (error) {
        for (const { settle } of batch) settle(error);
      }
    }
    this.#queues.delete(namespace);
  }

  async #charge(namespace: string, batch: readonly Waiter[]): Promise<void> {
    let quotas = await this.#quotas(namespace);
    let waiting = batch;
    for (let pause = 1; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      const before = quotas.map(stateOf);
      const { states, charged } = this.#check(before, waiting);
      if (charged.length === 0) return;
      const failed = await this.#write(before, states);
      if (failed.length === 0) {
        for (const { settle } of charged) settle();
        return;
      }
      await sleep(Math.random() * pause);
      waiting = charged.filter((waiter) => !isTooLate(waiter));
      // The other quotas have been charged; a deleted one no longer limits anything.
      const current = await this.#quotas(namespace, 0);
      quotas = current.filter(({ metadata }) => failed.includes(metadata.name ?? ''));
    }
  }

  /** Settles requests that need no write. */
  #check(
    before: readonly QuotaState[],
    waiting: readonly Waiter[],
  ): { readonly states: readonly QuotaState[]; readonly charged: readonly Waiter[] } {
    let states = before;
    const charged = waiting.filter(({ attributes, evaluator, settle }) => {
      try {
        const after = checkRequest(states, attributes, evaluator, {
          limitedResources: this.#limitedResources,
          now: Date.now(),
        });
        const uses = after.some(({ used }, index) => !equalAmounts(used, states[index]!.used));
        if (uses && !attributes.dryRun) {
          states = after;
          return true;
        }
        settle();
      } catch (error) {
        settle(error);
      }
      return false;
    });
    return { states, charged };
  }

  /** Returns the names of quotas whose write failed because they were changed or deleted concurrently. */
  async #write(before: readonly QuotaState[], states: readonly QuotaState[]): Promise<string[]> {
    const changed = states.filter(({ used }, index) => !equalAmounts(used, before[index]!.used));
    const failed: string[] = [];
    for (const { quota, used } of changed) {
      const { namespace, name = '' } = quota.metadata;
      try {
        const next: ResourceQuota = {
          ...quota,
          apiVersion: 'v1',
          kind: 'ResourceQuota',
          status: { ...quota.status, used: formatAmounts(used) },
        };
        const options = { namespace, name, subresource: 'status' };
        this.#remember(await this.#resources.client.update<ResourceQuota>(QUOTAS, next, options));
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error;
        failed.push(name);
      }
    }
    return failed;
  }

  async #quotas(namespace: string, maxStalenessMs?: number): Promise<readonly ResourceQuota[]> {
    const lister = this.#resources.lister<ResourceQuota>(QUOTAS);
    const listed = await lister.list(namespace, maxStalenessMs);
    return listed.map((quota) => {
      const written = this.#written.get(keyOf(quota));
      return written !== undefined && versionOf(written) > versionOf(quota) ? written : quota;
    });
  }

  #remember(quota: ResourceQuota): void {
    this.#written.delete(keyOf(quota));
    this.#written.set(keyOf(quota), quota);
    if (this.#written.size > MAX_REMEMBERED) this.#written.delete(this.#written.keys().next().value!);
  }
}

function isTooLate({ deadline, settle }: Waiter): boolean {
  if (Date.now() < deadline) return false;
  settle(newInternalError(new Error('resource quota evaluation timed out')));
  return true;
}

const keyOf = ({ metadata }: ResourceQuota): string => `${metadata.namespace}/${metadata.name}`;
const versionOf = ({ metadata }: ResourceQuota): number => Number(metadata.resourceVersion ?? 0);

function stateOf(quota: ResourceQuota): QuotaState {
  return { quota, used: parseResourceList(quota.status?.used) };
}
