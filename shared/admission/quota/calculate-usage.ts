import { parseResourceList } from '../../apis/core/pod-resources.ts';
import type { ResourceQuota } from '../../apis/core/v1/types.ts';
import { Quantity } from '../../runtime/quantity.ts';
import { breathe } from '../../util/breathe.ts';
import type { Amounts } from './amounts.ts';
import { isInAll, type QuotaCluster, scopesOf } from './evaluator.ts';
import { quotaEvaluatorsOf } from './evaluators.ts';

/**
 * The actual usage of all countable resources that the quota limits, for the controller that maintains `status.used`
 * (upstream's `CalculateUsage`). `now` is in milliseconds since the epoch.
 */
export async function calculateUsage(
  quota: ResourceQuota,
  cluster: QuotaCluster,
  now: number,
): Promise<Amounts> {
  const limited = new Set(parseResourceList(quota.spec.hard).keys());
  const scopes = scopesOf(quota);
  const used = new Map<string, Quantity>();
  const { namespace = '' } = quota.metadata;
  for (const { evaluator: general, names } of quotaEvaluatorsOf([...limited])) {
    await breathe();
    const objects = () => cluster.list(general.resource, namespace);
    const evaluator = (await general.informed?.(objects, namespace, cluster)) ?? general;
    const tracked = names.filter(evaluator.tracks);
    if (tracked.length === 0) continue;
    // Resources of pods may be used by claims too.
    for (const name of tracked) used.set(name, used.get(name) ?? Quantity.zero);
    if (evaluator.isCount && cluster.count !== undefined) {
      // A quota with scopes doesn't apply to these objects.
      const count = scopes.length === 0 ? await cluster.count(evaluator.resource, namespace) : 0;
      for (const name of tracked) used.set(name, Quantity.fromInteger(count));
      continue;
    }
    for (const object of await objects()) {
      await breathe();
      if (!isInAll(evaluator, object, scopes)) continue;
      for (const [name, amount] of evaluator.usage(object, now)) {
        if (limited.has(name)) used.set(name, used.get(name)?.add(amount) ?? amount);
      }
    }
  }
  return used;
}
