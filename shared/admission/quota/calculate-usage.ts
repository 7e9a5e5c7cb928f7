import { parseResourceList } from '../../apis/core/pod-resources.ts';
import type { ResourceQuota } from '../../apis/core/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import { Quantity } from '../../runtime/quantity.ts';
import { breathe } from '../../util/breathe.ts';
import type { Amounts } from './amounts.ts';
import { isInAll, scopesOf } from './evaluator.ts';
import { quotaEvaluatorsOf } from './evaluators.ts';

/** Internal objects of a resource in the quota's namespace. */
export type ListObjects = (resource: GroupResource) => Promise<readonly KubeObject[]>;

/**
 * What is used of everything that the quota limits and that can be counted: for the controller that keeps
 * `status.used` true (upstream's `CalculateUsage`). `now`: milliseconds since the epoch.
 */
export async function calculateUsage(quota: ResourceQuota, list: ListObjects, now: number): Promise<Amounts> {
  const limited = new Set(parseResourceList(quota.spec.hard).keys());
  const scopes = scopesOf(quota);
  const used = new Map<string, Quantity>();
  for (const { evaluator, names } of quotaEvaluatorsOf([...limited])) {
    await breathe();
    for (const name of names) used.set(name, Quantity.zero);
    for (const object of await list(evaluator.resource)) {
      await breathe();
      if (!isInAll(evaluator, object, scopes)) continue;
      for (const [name, amount] of evaluator.usage(object, now)) {
        if (limited.has(name)) used.set(name, used.get(name)?.add(amount) ?? amount);
      }
    }
  }
  return used;
}
