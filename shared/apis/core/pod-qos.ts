/**
 * A pod's quality of service, which follows from its requests and limits
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/helper/qos/qos.go).
 */

import type { Quantity } from '../../runtime/quantity.ts';
import { parseResourceList, type ResourceList } from './pod-resources.ts';
import type { Pod } from './v1/types.ts';

export type PodQOSClass = 'BestEffort' | 'Burstable' | 'Guaranteed';

const COMPUTE = ['cpu', 'memory'];

/** What is asked of compute resources; zero asks for nothing. */
function computeAmounts(list: ResourceList | undefined): [string, Quantity][] {
  return [...parseResourceList(list)].filter(([name, { sign }]) => COMPUTE.includes(name) && sign > 0);
}

function add(sums: Map<string, Quantity>, amounts: readonly [string, Quantity][]): void {
  for (const [name, quantity] of amounts) sums.set(name, sums.get(name)?.add(quantity) ?? quantity);
}

/** The pod's own resources decide if it has any; otherwise every container's do. */
export function computePodQOS({ spec }: Pod): PodQOSClass {
  const holders = spec.resources ? [spec] : [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const requests = new Map<string, Quantity>();
  const limits = new Map<string, Quantity>();
  let limited = true;
  for (const { resources } of holders) {
    add(requests, computeAmounts(resources?.requests));
    const own = computeAmounts(resources?.limits);
    add(limits, own);
    if (own.length < COMPUTE.length && (!spec.resources || resources?.limits)) limited = false;
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const equal = [...requests].every(([name, request]) => limits.get(name)?.cmp(request) === 0);
  return limited && equal && requests.size === limits.size ? 'Guaranteed' : 'Burstable';
}

export function podQOS(pod: Pod): string {
  return pod.status?.qosClass || computePodQOS(pod);
}
