/** https://github.com/kubernetes/kubernetes/blob/master/pkg/api/service/warnings.go */

import { FieldPath } from '../../../meta/field-path.ts';
import { warningsForCIDR, warningsForIP } from '../../../meta/validation/ip.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Service } from '../v1/types.ts';

const SPEC = FieldPath.of('spec');
const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';

const isHeadless = ({ spec }: Service): boolean => spec.type === 'ClusterIP' && spec.clusterIP === 'None';

function warningsForHeadless(service: Service): string[] {
  if (!isHeadless(service)) return [];
  const { spec } = service;
  return [
    ...(spec.loadBalancerIP ? ['spec.loadBalancerIP is ignored for headless services'] : []),
    ...(spec.externalIPs?.length ? ['spec.externalIPs is ignored for headless services'] : []),
    ...((spec.sessionAffinity ?? 'None') !== 'None'
      ? ['spec.SessionAffinity is ignored for headless services']
      : []),
  ];
}

function warningsForAddresses(service: Service): string[] {
  const { externalIPs = [], loadBalancerIP, loadBalancerSourceRanges = [], type } = service.spec;
  const isDeprecated = externalIPs.length > 0 && !isHeadless(service) && type !== 'ExternalName';
  return [
    ...externalIPs.flatMap((ip, index) => warningsForIP(SPEC.child('externalIPs').index(index), ip)),
    ...(isDeprecated
      ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters']
      : []),
    ...(loadBalancerIP ? warningsForIP(SPEC.child('loadBalancerIP'), loadBalancerIP) : []),
    ...loadBalancerSourceRanges.flatMap((range, index) =>
      warningsForCIDR(SPEC.child('loadBalancerSourceRanges').index(index), range),
    ),
  ];
}

export function warningsForService(service: Service): string[] {
  const { metadata, spec } = service;
  const warnings: string[] = [];
  if (Object.hasOwn(metadata.annotations ?? {}, TOPOLOGY_HINTS)) {
    warnings.push(`annotation ${TOPOLOGY_HINTS} is deprecated, please use ${TOPOLOGY_MODE} instead`);
  }
  if (spec.clusterIP && spec.clusterIP !== 'None') {
    for (const [index, ip] of (spec.clusterIPs ?? []).entries()) {
      appendAll(warnings, warningsForIP(SPEC.child('clusterIPs').index(index), ip));
    }
  }
  appendAll(warnings, warningsForHeadless(service), warningsForAddresses(service));
  if (spec.type === 'ExternalName') {
    if (spec.externalIPs?.length)
      warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  } else if (spec.externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec.trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}
