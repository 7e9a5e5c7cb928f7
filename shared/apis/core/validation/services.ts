/** Rules for services. */

import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isValidCIDRForLegacyField, isValidIPForLegacyField } from '../../../meta/validation/ip.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { validateLabels } from '../../../meta/validation/object-meta.ts';
import { isValidPortNum } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import { parseIP } from '../../../util/ip.ts';
import { isExternallyAccessible, isHeadless, needsHealthCheck } from '../service-helpers.ts';
import type { LoadBalancerStatus, Service, ServicePort, ServiceSpec } from '../v1/types.ts';
import {
  validateClusterIPsUpdate,
  validateIPFamiliesUpdate,
  validateServiceClusterIPs,
} from './cluster-ips.ts';
import { validateEndpointIP } from './endpoints.ts';
import { validatePortNumOrName } from './handlers.ts';
import {
  invalidEach,
  validateDNS1123Label,
  validateDNS1123Subdomain,
  validateQualifiedName,
} from './helpers.ts';

const METADATA = FieldPath.of('metadata');
const SPEC = FieldPath.of('spec');
const PORTS = SPEC.child('ports');

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const SESSION_AFFINITIES = ['ClientIP', 'None'];
const TRAFFIC_POLICIES = ['Cluster', 'Local'];
const TRAFFIC_DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const IP_MODES = ['Proxy', 'VIP'];
const MAX_AFFINITY_SECONDS = 86400;

const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';
const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";

function validateAnnotations({ metadata: { annotations } }: Service): FieldError[] {
  const mode = annotations?.[TOPOLOGY_MODE];
  const hints = annotations?.[TOPOLOGY_HINTS];
  if (mode === undefined || hints === undefined || mode === hints) return [];
  const detail = `must match annotations[${TOPOLOGY_HINTS}] when both are specified`;
  return [invalid(METADATA.child('annotations').key(TOPOLOGY_MODE), mode, detail)];
}

function validateExternalName(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const detail = 'may not be set for ExternalName services';
  if (spec.clusterIPs?.length) errors.push(forbidden(SPEC.child('clusterIPs'), detail));
  if (spec.ipFamilies?.length) errors.push(forbidden(SPEC.child('ipFamilies'), detail));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden(SPEC.child('ipFamilyPolicy'), detail));
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  const at = SPEC.child('externalName');
  return [...errors, ...(name === '' ? [required(at, '')] : validateDNS1123Subdomain(name, at))];
}

function validateByType(service: Service): FieldError[] {
  const { spec } = service;
  if (spec.type === 'ExternalName') return validateExternalName(spec);
  if (!isHeadless(service) || (spec.type !== 'LoadBalancer' && spec.type !== 'NodePort')) return [];
  const detail = `may not be set to 'None' for ${spec.type} services`;
  return [invalid(SPEC.child('clusterIPs').index(0), spec.clusterIPs![0], detail)];
}

function validatePort(
  port: ServicePort,
  path: FieldPath,
  { requireName, names }: { requireName: boolean; names: Set<string> },
): FieldError[] {
  const { name, protocol, targetPort = 0, appProtocol } = port;
  const errors: FieldError[] = [];
  if (name) {
    appendAll(errors, validateDNS1123Label(name, path.child('name')));
    if (names.has(name)) errors.push(duplicate(path.child('name'), name));
    names.add(name);
  } else if (requireName) errors.push(required(path.child('name'), ''));
  appendAll(errors, invalidEach(path.child('port'), port.port, isValidPortNum(port.port)));
  if (!protocol) errors.push(required(path.child('protocol'), ''));
  else if (!PROTOCOLS.includes(protocol)) {
    errors.push(notSupported(path.child('protocol'), protocol, PROTOCOLS));
  }
  appendAll(errors, validatePortNumOrName(targetPort, path.child('targetPort')));
  if (appProtocol === undefined) return errors;
  return [...errors, ...validateQualifiedName(appProtocol, path.child('appProtocol'))];
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  const at = SPEC.child('sessionAffinity');
  const config = SPEC.child('sessionAffinityConfig');
  if (!sessionAffinity) return [required(at, '')];
  if (!SESSION_AFFINITIES.includes(sessionAffinity)) {
    return [notSupported(at, sessionAffinity, SESSION_AFFINITIES)];
  }
  if (sessionAffinity === 'None') {
    if (!sessionAffinityConfig) return [];
    return [forbidden(config, 'must not be set when session affinity is None')];
  }
  const missing = 'when session affinity type is ClientIP';
  if (!sessionAffinityConfig) return [required(config, missing)];
  const { clientIP } = sessionAffinityConfig;
  if (!clientIP) return [required(config.child('clientIP'), missing)];
  const seconds = clientIP.timeoutSeconds;
  const timeout = config.child('clientIP', 'timeoutSeconds');
  if (seconds === undefined) return [required(timeout, missing)];
  if (seconds > 0 && seconds <= MAX_AFFINITY_SECONDS) return [];
  return [invalid(timeout, seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`)];
}

function validateExternalIPs({ externalIPs }: ServiceSpec, old: Service | undefined): FieldError[] {
  const before = new Set(old?.spec.externalIPs);
  return (externalIPs ?? []).flatMap((ip, index) => {
    const at = SPEC.child('externalIPs').index(index);
    const errors = isValidIPForLegacyField(at, ip, before);
    return errors.length > 0 ? errors : validateEndpointIP(ip, at);
  });
}

/** Ports must be unique per protocol, and so must node ports. */
function validatePortConflicts({ type, ports }: ServiceSpec): FieldError[] {
  const list = ports ?? [];
  const repeated = (key: (port: ServicePort) => string | undefined): number[] => {
    const seen = new Set<string>();
    return list.flatMap((port, index) => {
      const value = key(port);
      if (value === undefined || !seen.has(value)) {
        if (value !== undefined) seen.add(value);
        return [];
      }
      return [index];
    });
  };
  const errors: FieldError[] = [];
  if (type === 'ClusterIP') {
    for (const [index, { nodePort }] of list.entries()) {
      if (!nodePort) continue;
      const detail = "may not be used when `type` is 'ClusterIP'";
      errors.push(forbidden(PORTS.index(index).child('nodePort'), detail));
    }
  }
  for (const index of repeated(({ protocol, nodePort }) =>
    nodePort ? `${protocol}/${nodePort}` : undefined,
  )) {
    errors.push(duplicate(PORTS.index(index).child('nodePort'), list[index]!.nodePort));
  }
  for (const index of repeated(({ protocol, port }) => `${protocol}/${port}`)) {
    errors.push(duplicate(PORTS.index(index), portAsGoShowsIt(list[index]!)));
  }
  return errors;
}

/** Upstream's duplicate is a struct of its internal version with two fields set. */
function portAsGoShowsIt({ protocol = '', port }: ServicePort): unknown {
  return { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
}

/** Validates the field, or the annotation that preceded it. */
function validateSourceRanges({ metadata, spec }: Service, old: Service | undefined): FieldError[] {
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const isLoadBalancer = spec.type === 'LoadBalancer';
  if (ranges.length > 0) {
    const path = SPEC.child('LoadBalancerSourceRanges');
    const before = new Set((old?.spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()));
    return [
      ...(isLoadBalancer ? [] : [forbidden(path, ONLY_LOAD_BALANCER)]),
      ...ranges.flatMap((range, index) => isValidCIDRForLegacyField(path.index(index), range.trim(), before)),
    ];
  }
  const annotation = metadata.annotations?.[SOURCE_RANGES];
  if (annotation === undefined) return [];
  const path = METADATA.child('annotations').key(SOURCE_RANGES);
  const errors = isLoadBalancer ? [] : [forbidden(path, ONLY_LOAD_BALANCER)];
  if (old?.metadata.annotations?.[SOURCE_RANGES] === annotation || annotation.trim() === '') return errors;
  const parts = annotation.trim().split(',');
  return [...errors, ...parts.flatMap((range) => isValidCIDRForLegacyField(path, range.trim()))];
}

function validateLoadBalancerClass({ spec }: Service): FieldError[] {
  const at = SPEC.child('loadBalancerClass');
  if (spec.loadBalancerClass === undefined) return [];
  if (spec.type !== 'LoadBalancer') return [forbidden(at, ONLY_LOAD_BALANCER)];
  return validateQualifiedName(spec.loadBalancerClass, at);
}

function validateLoadBalancerFields(service: Service): FieldError[] {
  const { type, allocateLoadBalancerNodePorts: allocate } = service.spec;
  const errors: FieldError[] = [];
  if (allocate !== undefined && type !== 'LoadBalancer') {
    errors.push(forbidden(SPEC.child('allocateLoadBalancerNodePorts'), ONLY_LOAD_BALANCER));
  }
  if (allocate === undefined && type === 'LoadBalancer') {
    errors.push(required('allocateLoadBalancerNodePorts', ''));
  }
  return [...errors, ...validateLoadBalancerClass(service)];
}

function validateTraffic(service: Service): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  const policy = spec.externalTrafficPolicy ?? '';
  const external = SPEC.child('externalTrafficPolicy');
  if (!isExternallyAccessible(service)) {
    const detail = 'may only be set for externally-accessible services';
    if (policy !== '') errors.push(invalid(external, policy, detail));
  } else if (policy === '') errors.push(required(external, ''));
  else if (!TRAFFIC_POLICIES.includes(policy)) errors.push(notSupported(external, policy, TRAFFIC_POLICIES));
  appendAll(errors, validateHealthCheckPort(service));
  const internal = SPEC.child('internalTrafficPolicy');
  const internalPolicy = spec.internalTrafficPolicy;
  if (internalPolicy === undefined) {
    if (['NodePort', 'LoadBalancer', 'ClusterIP'].includes(spec.type ?? '')) {
      errors.push(required(internal, ''));
    }
  } else if (!TRAFFIC_POLICIES.includes(internalPolicy)) {
    errors.push(notSupported(internal, internalPolicy, TRAFFIC_POLICIES));
  }
  const distribution = spec.trafficDistribution;
  if (distribution !== undefined && !TRAFFIC_DISTRIBUTIONS.includes(distribution)) {
    errors.push(notSupported(SPEC.child('trafficDistribution'), distribution, TRAFFIC_DISTRIBUTIONS));
  }
  return errors;
}

function validateHealthCheckPort(service: Service): FieldError[] {
  const port = service.spec.healthCheckNodePort ?? 0;
  const at = SPEC.child('healthCheckNodePort');
  if (needsHealthCheck(service)) {
    return port === 0 ? [required(at, '')] : invalidEach(at, port, isValidPortNum(port));
  }
  if (port === 0) return [];
  const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
  return [invalid(at, port, detail)];
}

function validateService(service: Service, old: Service | undefined): FieldError[] {
  const { spec } = service;
  const ports = spec.ports ?? [];
  const errors = validateAnnotations(service);
  if (ports.length === 0 && !isHeadless(service) && spec.type !== 'ExternalName') {
    errors.push(required(PORTS, ''));
  }
  appendAll(errors, validateByType(service));
  const context = { requireName: ports.length > 1, names: new Set<string>() };
  for (const [index, port] of ports.entries())
    appendAll(errors, validatePort(port, PORTS.index(index), context));
  appendAll(
    errors,
    validateLabels(spec.selector, SPEC.child('selector')),
    validateAffinity(spec),
    validateServiceClusterIPs(service, old),
    validateExternalIPs(spec, old),
  );
  const type = SPEC.child('type');
  if (!spec.type) errors.push(required(type, ''));
  else if (!TYPES.includes(spec.type)) errors.push(notSupported(type, spec.type, TYPES));
  return [
    ...errors,
    ...validatePortConflicts(spec),
    ...validateSourceRanges(service, old),
    ...validateLoadBalancerFields(service),
    ...validateTraffic(service),
  ];
}

export function validateServiceCreate(service: Service): FieldError[] {
  return validateService(service, undefined);
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors = [...validateClusterIPsUpdate(service, old), ...validateIPFamiliesUpdate(service, old)];
  const [now, before] = [service.spec, old.spec];
  const stays = now.type === 'LoadBalancer' && before.type === 'LoadBalancer';
  if (stays && now.loadBalancerClass !== before.loadBalancerClass) {
    errors.push(invalid(SPEC.child('loadBalancerClass'), now.loadBalancerClass, 'may not change once set'));
  }
  appendAll(errors, validateLoadBalancerClass(service));
  if (needsHealthCheck(old) && needsHealthCheck(service)) {
    if (now.healthCheckNodePort !== before.healthCheckNodePort) {
      errors.push(forbidden(SPEC.child('healthCheckNodePort'), 'field is immutable'));
    }
  }
  return [...errors, ...validateService(service, old)];
}

/** Also used for ingresses. */
function validateLoadBalancerStatus(
  status: LoadBalancerStatus | undefined,
  old: LoadBalancerStatus | undefined,
  path: FieldPath,
  isLoadBalancer: boolean,
): FieldError[] {
  const ingress = status?.ingress ?? [];
  const at = path.child('ingress');
  if (!isLoadBalancer && ingress.length > 0) {
    return [forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  const before = new Set((old?.ingress ?? []).map(({ ip }) => ip));
  return ingress.flatMap(({ ip, ipMode, hostname }, index) => {
    const item = at.index(index);
    const errors = ip ? isValidIPForLegacyField(item.child('ip'), ip, before) : [];
    const mode = item.child('ipMode');
    if (ipMode === undefined) {
      if (ip) errors.push(required(mode, 'must be specified when `ip` is set'));
    } else if (!ip) errors.push(forbidden(mode, 'may not be specified when `ip` is not set'));
    else if (!IP_MODES.includes(ipMode)) errors.push(notSupported(mode, ipMode, IP_MODES));
    if (!hostname) return errors;
    appendAll(errors, invalidEach(item.child('hostname'), hostname, isDNS1123Subdomain(hostname)));
    if (parseIP(hostname) === undefined) return errors;
    return [...errors, invalid(item.child('hostname'), hostname, 'must be a DNS name, not an IP address')];
  });
}

export function validateServiceStatusUpdate(service: Service, old: Service): FieldError[] {
  return validateLoadBalancerStatus(
    service.status?.loadBalancer,
    old.status?.loadBalancer,
    FieldPath.of('status', 'loadBalancer'),
    service.spec.type === 'LoadBalancer',
  );
}
