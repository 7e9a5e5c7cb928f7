/**
 * Fields of services that depend on each other, for clients that only know some of them
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/service/storage/storage.go).
 */

import { needsClusterIP, needsHealthCheck } from '../../../apis/core/service-helpers.ts';
import type { Service } from '../../../apis/core/v1/types.ts';

type Texts = readonly string[] | undefined;

export function sameTexts(a: Texts = [], b: Texts = []): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

/** Whether the type of the service permits node ports. */
export const hasNodePorts = ({ spec }: Service): boolean =>
  spec.type === 'NodePort' || spec.type === 'LoadBalancer';

/** Whether node ports are allocated automatically. */
export const getsNodePorts = ({ spec }: Service): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);

export function nodePortsOf({ spec }: Service): number[] {
  return (spec.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [nodePort] : []));
}

/** Keeps `clusterIPs` consistent with the older `clusterIP`. */
export function normalizeClusterIPs({ spec }: Service, old: Service | undefined): void {
  if (old === undefined) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const { clusterIP: before = '', clusterIPs: oldIPs = [] } = old.spec;
  const now = spec.clusterIP ?? '';
  if (oldIPs.length > 0 && !spec.clusterIPs?.length && now === before) spec.clusterIPs = [...oldIPs];
  if (now === before || !sameTexts(oldIPs, spec.clusterIPs)) return;
  if (now === '') delete spec.clusterIPs;
  else spec.clusterIPs = [now];
}

/** Keeps allocated values when a manifest without them is applied again. */
export function patchAllocatedValues(service: Service, old: Service): void {
  const { spec } = service;
  if (needsClusterIP(old) && needsClusterIP(service)) {
    if (!spec.clusterIP && old.spec.clusterIP) spec.clusterIP = old.spec.clusterIP;
    if (!spec.clusterIPs?.length && old.spec.clusterIPs?.length) spec.clusterIPs = [...old.spec.clusterIPs];
  }
  if (getsNodePorts(old) && getsNodePorts(service)) patchNodePorts(service, old);
  if (needsHealthCheck(old) && needsHealthCheck(service) && !spec.healthCheckNodePort) {
    if (old.spec.healthCheckNodePort) spec.healthCheckNodePort = old.spec.healthCheckNodePort;
  }
}

/** Matches ports by name. */
function patchNodePorts(service: Service, old: Service): void {
  const kept = new Set(nodePortsOf(old));
  const used = new Set(nodePortsOf(service).filter((port) => kept.has(port)));
  const byName = new Map((old.spec.ports ?? []).map(({ name = '', nodePort }) => [name, nodePort]));
  for (const port of service.spec.ports ?? []) {
    if (port.nodePort) continue;
    const nodePort = byName.get(port.name ?? '');
    if (!nodePort || used.has(nodePort)) continue;
    port.nodePort = nodePort;
    used.add(nodePort);
  }
}

/**
 * Drops fields that don't apply to the new type if they are unchanged. Changed ones are left for validation to reject.
 */
export function dropTypeDependentFields(service: Service, old: Service): void {
  const { spec } = service;
  const before = old.spec;
  if (needsClusterIP(old) && !needsClusterIP(service)) {
    if (spec.clusterIP === before.clusterIP && sameTexts(spec.clusterIPs, before.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (sameTexts(spec.ipFamilies, before.ipFamilies)) delete spec.ipFamilies;
    if (spec.ipFamilyPolicy === before.ipFamilyPolicy) delete spec.ipFamilyPolicy;
  }
  if (hasNodePorts(old) && !hasNodePorts(service)) {
    const known = new Set(nodePortsOf(old));
    if (nodePortsOf(service).every((port) => known.has(port))) {
      for (const port of spec.ports ?? []) delete port.nodePort;
    }
  }
  if (needsHealthCheck(old) && !needsHealthCheck(service)) {
    if (spec.healthCheckNodePort === before.healthCheckNodePort) delete spec.healthCheckNodePort;
  }
  dropLoadBalancerFields(service, old);
  if (hasExternalTraffic(old) && !hasExternalTraffic(service)) {
    if (spec.externalTrafficPolicy === before.externalTrafficPolicy) delete spec.externalTrafficPolicy;
  }
}

function dropLoadBalancerFields({ spec }: Service, { spec: before }: Service): void {
  if (before.type !== 'LoadBalancer' || spec.type === 'LoadBalancer') return;
  for (const field of ['loadBalancerClass', 'allocateLoadBalancerNodePorts'] as const) {
    if (spec[field] === before[field]) delete spec[field];
  }
}

const hasExternalTraffic = (service: Service): boolean =>
  hasNodePorts(service) || (service.spec.type === 'ClusterIP' && (service.spec.externalIPs ?? []).length > 0);
