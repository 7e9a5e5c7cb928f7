/** What a Service's spec means (https://github.com/kubernetes/kubernetes/blob/master/pkg/api/service/util.go). */

import type { Service } from './v1/types.ts';

export const CLUSTER_IP_NONE = 'None';

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === CLUSTER_IP_NONE;
}

export function isExternallyAccessible({ spec }: Service): boolean {
  const { type, externalIPs } = spec;
  return (
    type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && (externalIPs ?? []).length > 0)
  );
}

/** A load balancer that sends traffic only to nodes with endpoints asks the nodes which they are. */
export function needsHealthCheck({ spec }: Service): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** Types that have cluster IPs: one that there isn't is told as that alone. */
export function needsClusterIP({ spec: { type } }: Service): boolean {
  return type !== 'ExternalName';
}
