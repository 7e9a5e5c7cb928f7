/**
 * Computes a pod's quality of service from its requests and limits
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/helper/qos/qos.go).
 */

import type { RequestContext } from '../../request/request-context.ts';
import { Quantity } from '../../runtime/quantity.ts';
import { parseResourceList, type ResourceList } from './pod-resources.ts';
import type { Pod } from './v1/types.ts';

type Gates = Pick<RequestContext, 'featureEnabled'>;

export type PodQOSClass = 'BestEffort' | 'Burstable' | 'Guaranteed';

const COMPUTE = ['cpu', 'memory'];

interface Resources {
  readonly requests?: ResourceList | undefined;
  readonly limits?: ResourceList | undefined;
}

/** Pod-level resources take precedence over those of containers. */
export function computePodQOS({ spec }: Pod, { featureEnabled }: Gates): PodQOSClass {
  const { resources } = spec;
  if (resources && featureEnabled('PodLevelResources')) {
    const { requests = {}, limits = {} } = resources;
    const saysNone = Object.keys(requests).length + Object.keys(limits).length === 0;
    if (!saysNone || !featureEnabled('PodLevelResourcesFixKubeletQOSClass')) return classOf(resources);
  }
  return together([...(spec.initContainers ?? []), ...(spec.containers ?? [])], ({ resources }) =>
    classOf(resources ?? {}),
  );
}

function classOf(resources: Resources): PodQOSClass {
  const [requests, limits] = [resources.requests, resources.limits].map(parseResourceList);
  return together(COMPUTE, (name) => {
    const request = requests!.get(name) ?? Quantity.zero;
    if (request.cmp(limits!.get(name) ?? Quantity.zero) !== 0) return 'Burstable';
    return request.sign === 0 ? 'BestEffort' : 'Guaranteed';
  });
}

/** The common class, or Burstable if they differ. */
function together<T>(parts: readonly T[], classify: (part: T) => PodQOSClass): PodQOSClass {
  const classes = new Set(parts.map(classify));
  const [only = 'BestEffort'] = classes;
  return classes.size > 1 ? 'Burstable' : only;
}

export function podQOS(pod: Pod, gates: Gates): string {
  return pod.status?.qosClass || computePodQOS(pod, gates);
}
