import { parseResourceList } from '../../apis/core/pod-resources.ts';
import type { ResourceQuota } from '../../apis/core/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import { Quantity } from '../../runtime/quantity.ts';
import { type Amounts, addAmounts, pick } from './amounts.ts';
import { isInScopes } from './evaluator.ts';
import { quotaEvaluatorsOf } from './evaluators.ts';

/** Internal objects of a resource in the quota's namespace. */
export type ListObjects = (resource: GroupResource) => Promise<readonly KubeObject[]>;

/**
 * What is used of everything that the quota limits and that can be counted: for the controller that keeps
 * `status.used` true (upstream's `CalculateUsage`). `now`: milliseconds since the epoch.
 */
export async function calculateUsage(quota: ResourceQuota, list: ListObjects, now: number): Promise<Amounts> {
  const names = [...parseResourceList(quota.spec.hard).keys()];
  let used: Amounts = new Map();
  for (const evaluator of quotaEvaluatorsOf(names)) {
    const none = names.filter(evaluator.tracks).map((name) => [name, Quantity.zero] as const);
    used = addAmounts(used, new Map(none));
    for (const object of await list(evaluator.resource)) {
      if (isInScopes(evaluator, object, quota)) used = addAmounts(used, evaluator.usage(object, now));
    }
  }
  return pick(used, (name) => names.includes(name));
}
