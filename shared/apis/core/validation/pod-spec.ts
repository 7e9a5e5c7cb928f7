/**
 * Rules for the spec of pods and of templates
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go, `ValidatePodSpec`).
 */

import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { ObjectMeta } from '../../../meta/v1/types.ts';
import { inclusiveRangeError } from '../../../meta/validation/format.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { validateLabels } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { PodResourceClaim, PodSpec } from '../v1/types.ts';
import { containersWithPath } from '../visit-containers.ts';
import { validateAffinity } from './affinity.ts';
import {
  type ContainerContext,
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from './containers.ts';
import {
  validateDNSPolicy,
  validateHostAliases,
  validateHostnameOverride,
  validatePodDNSConfig,
} from './dns.ts';
import { validateEvictionResponders } from './eviction-responders.ts';
import { firstByName } from './first-by-name.ts';
import { invalidEach, validateDNS1123Label, validateQualifiedName, WHOLE } from './helpers.ts';
import { MIRROR_POD } from './pod-annotations.ts';
import { validatePodResources } from './pod-level-resources.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import { validateContainerResourceRequirements } from './resource-requirements.ts';
import { validateRestartPolicy } from './restart-policy.ts';
import { validatePodSecurityContext, validateSharedProcesses } from './security-context.ts';
import { validateTolerations } from './tolerations.ts';
import { validateTopologySpreadConstraints } from './topology-spread.ts';
import { validateVolumes } from './volumes.ts';
import { validateLinux, validateOS, validateWindows, validateWindowsHostProcess } from './windows.ts';

const MAX_INT32 = 2 ** 31 - 1;
const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never'];

export function validatePreemptionPolicy(policy: string | undefined, path: FieldPath): FieldError[] {
  if (policy === undefined) return [];
  if (policy === '') return [required(path, '')];
  return PREEMPTION_POLICIES.includes(policy) ? [] : [notSupported(path, policy, PREEMPTION_POLICIES)];
}

function validateResourceClaim(claim: PodResourceClaim, path: FieldPath, names: Set<string>): FieldError[] {
  const { name, resourceClaimName, resourceClaimTemplateName } = claim;
  const at = path.child('name');
  // Upstream's internal type, which has no JSON names.
  const shown = {
    Name: name,
    ResourceClaimName: resourceClaimName ?? null,
    ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
  };
  const errors: FieldError[] = [];
  if (!name) errors.push(required(at, ''));
  else if (names.has(name)) errors.push(duplicate(at, name));
  else appendAll(errors, validateDNS1123Label(name, at));
  names.add(name);
  if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
    const detail = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
    errors.push(invalid(path, shown, detail));
  }
  if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
    const detail = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
    errors.push(invalid(path, shown, detail));
  }
  for (const [field, value] of Object.entries({ resourceClaimName, resourceClaimTemplateName })) {
    if (value === undefined) continue;
    appendAll(errors, invalidEach(path.child(field), value, isDNS1123Subdomain(value)));
  }
  return errors;
}

function validateResourceClaims(
  claims: readonly PodResourceClaim[] | undefined,
  podMeta: ObjectMeta | undefined,
  path: FieldPath,
): FieldError[] {
  const isStatic = podMeta?.annotations?.[MIRROR_POD] !== undefined;
  const names = new Set<string>();
  return (claims ?? []).flatMap((claim, index) =>
    isStatic
      ? [forbidden(WHOLE, 'static pods do not support resource claims')]
      : validateResourceClaim(claim, path.index(index), names),
  );
}

/**
 * With host networking, container ports must equal host ports; in templates, host ports may be left to the pod's
 * defaults.
 */
function validateHostNetworkPorts(
  spec: PodSpec,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  if (!spec.hostNetwork) return [];
  return (spec.containers ?? []).flatMap(({ ports }, containerIndex) =>
    (ports ?? []).flatMap(({ hostPort = 0, containerPort }, index) => {
      if (hostPort === containerPort || (hostPort === 0 && !options.resourceIsPod)) return [];
      const at = path.index(containerIndex).child('ports').index(index).child('hostPort');
      return [invalid(at, hostPort, 'must match `containerPort` when `hostNetwork` is true')];
    }),
  );
}

function validateSchedulingGates({ schedulingGates }: PodSpec, path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return (schedulingGates ?? []).flatMap(({ name }, index) => {
    const errors = validateQualifiedName(name, path.index(index));
    if (seen.has(name)) errors.push(duplicate(path.index(index), name));
    seen.add(name);
    return errors;
  });
}

function validateHostUsers(spec: PodSpec, path: FieldPath, options: PodValidationOptions): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const detail = 'when `hostUsers` is false';
  const errors: FieldError[] = [];
  if (spec.hostNetwork && !options.allows('UserNamespacesHostNetworkSupport')) {
    errors.push(forbidden(path.child('hostNetwork'), detail));
  }
  if (spec.hostPID) errors.push(forbidden(path.child('HostPID'), detail));
  if (spec.hostIPC) errors.push(forbidden(path.child('HostIPC'), detail));
  if (options.allowUserNamespacesWithVolumeDevices) return errors;
  for (const { container, path: containerPath } of containersWithPath(spec, path)) {
    if (container.volumeDevices?.length) errors.push(forbidden(containerPath.child('volumeDevices'), detail));
  }
  return errors;
}

/** Environment variables from files require a volume with the lifetime of the pod. */
function validateFileKeyVolumes(spec: PodSpec, path: FieldPath): FieldError[] {
  const volumes = firstByName(spec.volumes);
  return [...containersWithPath(spec, path)].flatMap(({ container, path: containerPath }) =>
    (container.env ?? []).flatMap(({ valueFrom }, index) => {
      const name = valueFrom?.fileKeyRef?.volumeName;
      if (name === undefined) return [];
      const at = containerPath.child('env').index(index).child('valueFrom', 'fileKeyRef', 'volumeName');
      const volume = volumes.get(name);
      if (volume === undefined) return [notFound(at, name)];
      return volume.emptyDir ? [] : [invalid(at, name, 'referenced volume must be of type emptyDir')];
    }),
  );
}

function validateOperatingSystem(spec: PodSpec, path: FieldPath): FieldError[] {
  const errors = validateOS(spec, path.child('os'));
  if (errors.length > 0 || !spec.os) return errors;
  return spec.os.name === 'linux' ? validateLinux(spec, path) : validateWindows(spec, path);
}

function validateNames(spec: PodSpec, path: FieldPath, options: PodValidationOptions): FieldError[] {
  const { activeDeadlineSeconds: deadline, hostname, subdomain } = spec;
  const subdomainName = (field: 'serviceAccountName' | 'nodeName' | 'priorityClassName'): FieldError[] => {
    const value = spec[field];
    return value ? invalidEach(path.child(field), value, isDNS1123Subdomain(value)) : [];
  };
  const runtimeClass = spec.runtimeClassName;
  return [
    ...subdomainName('serviceAccountName'),
    ...subdomainName('nodeName'),
    ...(deadline !== undefined && (deadline < 1 || deadline > MAX_INT32)
      ? [invalid(path.child('activeDeadlineSeconds'), deadline, inclusiveRangeError(1, MAX_INT32))]
      : []),
    ...(hostname ? validateDNS1123Label(hostname, path.child('hostname')) : []),
    ...(subdomain ? validateDNS1123Label(subdomain, path.child('subdomain')) : []),
    ...validateTolerations(spec.tolerations, path.child('tolerations'), options),
    ...validateHostAliases(spec.hostAliases, path.child('hostAliases')),
    ...subdomainName('priorityClassName'),
    ...(runtimeClass === undefined
      ? []
      : invalidEach(path.child('runtimeClassName'), runtimeClass, isDNS1123Subdomain(runtimeClass))),
  ];
}

function validateSchedulingGroup(
  { schedulingGroup, evictionResponders }: PodSpec,
  path: FieldPath,
): FieldError[] {
  if (!schedulingGroup) return [];
  const { podGroupName } = schedulingGroup;
  const at = path.child('podGroupName');
  const errors =
    podGroupName === undefined
      ? [invalid(at, null, 'must specify one of: `podGroupName`')]
      : invalidEach(at, podGroupName, isDNS1123Subdomain(podGroupName));
  if (!evictionResponders?.length) return errors;
  return [...errors, forbidden(path, 'may not be set when evictionResponders is set')];
}

/** `podMeta` is the metadata of a pod; undefined for templates. */
export function validatePodSpec(
  spec: PodSpec,
  podMeta: ObjectMeta | undefined,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  const { volumes, errors } = validateVolumes(spec.volumes, podMeta, path.child('volumes'), options);
  const podClaimNames = new Set((spec.resourceClaims ?? []).map(({ name }) => name).filter(Boolean));
  const gracePeriod = spec.terminationGracePeriodSeconds;
  const context: ContainerContext = { spec, volumes, podClaimNames, options, gracePeriod, os: spec.os };
  const overhead = { limits: spec.overhead };
  return [
    ...(gracePeriod === undefined ? [required(path.child('terminationGracePeriodSeconds'), '')] : []),
    ...errors,
    ...validateResourceClaims(spec.resourceClaims, podMeta, path.child('resourceClaims')),
    ...validateContainers(path.child('containers'), context),
    ...validateInitContainers(path.child('initContainers'), context),
    ...validateEphemeralContainers(path.child('ephemeralContainers'), context),
    ...(options.allows('PodLevelResources')
      ? validatePodResources(spec, podClaimNames, path.child('resources'), options)
      : []),
    ...validateHostNetworkPorts(spec, path.child('containers'), options),
    ...validateRestartPolicy(spec.restartPolicy, path.child('restartPolicy')),
    ...validateDNSPolicy(spec.dnsPolicy, path.child('dnsPolicy')),
    ...validateLabels(spec.nodeSelector, path.child('nodeSelector')),
    ...validatePodSecurityContext(spec, path.child('securityContext'), options),
    ...validateSharedProcesses(spec, path),
    ...validateAffinity(spec.affinity, path.child('affinity'), options),
    ...validatePodDNSConfig(spec, path.child('dnsConfig')),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, index) =>
      validateQualifiedName(conditionType, path.child('readinessGates').index(index).child('conditionType')),
    ),
    ...validateSchedulingGates(spec, path.child('schedulingGates')),
    ...validateTopologySpreadConstraints(
      spec.topologySpreadConstraints,
      path.child('topologySpreadConstraints'),
      options,
    ),
    ...validateWindowsHostProcess(spec, path),
    ...validateHostUsers(spec, path, options),
    ...validateHostnameOverride(spec, path.child('hostnameOverride')),
    ...validateNames(spec, path, options),
    ...validatePreemptionPolicy(spec.preemptionPolicy, path.child('preemptionPolicy')),
    ...(spec.overhead
      ? validateContainerResourceRequirements(overhead, new Set(), path.child('overhead'), options)
      : []),
    ...validateOperatingSystem(spec, path),
    ...validateFileKeyVolumes(spec, path),
    ...validateSchedulingGroup(spec, path.child('schedulingGroup')),
    ...validateEvictionResponders(spec.evictionResponders ?? [], path.child('evictionResponders')),
  ];
}
