/**
 * Corrects the `status` of quotas, since admission only ever increases usage
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/resourcequota/resource_quota_controller.go).
 */

import {
  type Amounts,
  addAmounts,
  equalAmounts,
  excessOver,
  formatAmounts,
  greaterAmounts,
  pick,
} from '../../admission/quota/amounts.ts';
import { calculateUsage } from '../../admission/quota/calculate-usage.ts';
import { countObjectsOf, listObjectsOf } from '../../admission/quota/list-objects.ts';
import { isPodTerminal } from '../../apis/core/pod-conditions.ts';
import { parseResourceList } from '../../apis/core/pod-resources.ts';
import type { Pod, ResourceQuota } from '../../apis/core/v1/types.ts';
import { isConflict } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { breathe } from '../../util/breathe.ts';
import { type Clock, systemClock } from '../../util/clock.ts';
import { LastChanges } from '../../util/last-changes.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

const QUOTAS = { group: '', version: 'v1', resource: 'resourcequotas' };
/** Upstream's `--resource-quota-sync-period`. */
const SYNC_PERIOD_MS = 5 * 60_000;
/** Time after which an object charged by admission is either stored or never will be. */
const SETTLE_MS = 1000;
const MAX_ATTEMPTS = 10;

/**
 * Admission charges a quota before the object exists and can be counted. So usage is only lowered to the count after
 * the quota has been unchanged for a while, and amounts charged meanwhile are added: usage never falls below what will
 * be used.
 */
export class ResourceQuotaController implements Controller {
  readonly name = 'resourcequota-controller';
  readonly looksThroughMuch = true;
  readonly looksAgainAnyway = true;
  readonly #resources: ResourceAccess;
  readonly #featureEnabled: (gate: string) => boolean;
  readonly #settleMs: number;
  readonly #clock: Clock;
  readonly #lastChanges: LastChanges;

  /** `featureEnabled`: of feature gates, by upstream's names. */
  constructor(
    resources: ResourceAccess,
    featureEnabled: (gate: string) => boolean,
    { settleMs = SETTLE_MS, clock = systemClock } = {},
  ) {
    this.#resources = resources;
    this.#featureEnabled = featureEnabled;
    this.#settleMs = settleMs;
    this.#clock = clock;
    this.#lastChanges = new LastChanges(clock);
  }

  /** Keys are namespaces. */
  keysFor(change: Change): string[] {
    const { type, resource, namespace, name } = change;
    if (namespace === '') return [];
    if (!isResource(resource, '', 'resourcequotas')) {
      return type === 'DELETED' || (type === 'MODIFIED' && mayUseLess(change)) ? [namespace] : [];
    }
    if (type === 'DELETED') {
      this.#lastChanges.forget(`${namespace}/${name}`);
      return [namespace];
    }
    const quota = change.object() as ResourceQuota;
    this.#restedMs(quota);
    return isSynced(quota) ? [] : [namespace];
  }

  async allKeys(): Promise<Iterable<string>> {
    const { items } = await this.#resources.lister<ResourceQuota>(QUOTAS).snapshot(0);
    return new Set(items.map(({ metadata }) => metadata.namespace!));
  }

  async reconcile(namespace: string): Promise<number | undefined> {
    const quotas = await this.#resources.lister<ResourceQuota>(QUOTAS).list(namespace, 0);
    if (quotas.length === 0) return undefined;
    await Promise.all(quotas.map((quota) => this.#sync(quota)));
    return SYNC_PERIOD_MS;
  }

  async #sync(quota: ResourceQuota): Promise<void> {
    const hasRested = this.#restedMs(quota) >= this.#settleMs;
    const counted = await this.#count(quota);
    await breathe();
    const isNew = quota.status.used === undefined;
    if (hasRested && !isNew) {
      await this.#write(quota, counted);
      return;
    }
    const atLeast = greaterAmounts(counted, usedOf(quota));
    await breathe();
    const written = await this.#write(quota, atLeast);
    await breathe();
    if (isNew || !equalAmounts(atLeast, counted)) await this.#settle(written);
  }

  async #settle(quota: ResourceQuota): Promise<void> {
    await this.#clock.sleep(this.#settleMs);
    const { namespace = '', name = '', uid } = quota.metadata;
    for (let attempt = 1; ; attempt++) {
      const current = await this.#resources.lister<ResourceQuota>(QUOTAS).get(namespace, name, 0);
      if (current?.metadata.uid !== uid || current === undefined) return;
      const charged = excessOver(usedOf(current), usedOf(quota));
      const counted = await this.#count(current);
      try {
        const written = await this.#write(current, addAmounts(counted, charged));
        // Some of the charged objects may have been counted as well.
        if ([...charged.values()].some(({ sign }) => sign > 0)) await this.#settle(written);
        return;
      } catch (error) {
        if (!isConflict(error) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  #count(quota: ResourceQuota): Promise<Amounts> {
    const cluster = {
      list: listObjectsOf(this.#resources, 0),
      count: countObjectsOf(this.#resources, 0),
      featureEnabled: this.#featureEnabled,
    };
    return calculateUsage(quota, cluster, this.#clock.now());
  }

  /** Rejects with a conflict if the quota was changed meanwhile. */
  async #write(quota: ResourceQuota, used: Amounts): Promise<ResourceQuota> {
    if (isSynced(quota) && equalAmounts(usedOf(quota), used)) return quota;
    await breathe();
    const { namespace, name } = quota.metadata;
    const next: ResourceQuota = {
      ...quota,
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      status: { hard: quota.spec.hard, used: formatAmounts(used) },
    };
    await breathe();
    return this.#resources.client.update(QUOTAS, next, { namespace, name, subresource: 'status' });
  }

  /** Milliseconds since the quota's current revision was first seen. */
  #restedMs({ metadata: { namespace, name, resourceVersion = '' } }: ResourceQuota): number {
    return this.#lastChanges.age(`${namespace}/${name}`, resourceVersion);
  }
}

/** The used amounts of limited resources. */
function usedOf({ spec, status }: ResourceQuota): Amounts {
  const hard = parseResourceList(spec.hard);
  return pick(parseResourceList(status.used), (name) => hard.has(name));
}

function isSynced({ spec, status }: ResourceQuota): boolean {
  const { hard, used } = status;
  if (hard === undefined || used === undefined) return false;
  return equalAmounts(parseResourceList(spec.hard), parseResourceList(hard));
}

/** Whether the change may lower usage: terminated pods, services of another type, claims that shrink. */
function mayUseLess(change: Change): boolean {
  const { resource } = change;
  if (isResource(resource, '', 'pods')) return isPodTerminal(change.object() as Pod);
  return isResource(resource, '', 'services') || isResource(resource, '', 'persistentvolumeclaims');
}
