/** Predicates on a Service's spec (https://github.com/kubernetes/kubernetes/blob/master/pkg/api/service/util.go). */

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

/** Load balancers with local traffic only use a health check to find the nodes with endpoints. */
export function needsHealthCheck({ spec }: Service): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** Whether the type has cluster IPs; an unknown type only gets an error about itself. */
export function needsClusterIP({ spec: { type } }: Service): boolean {
  return type !== 'ExternalName';
}
