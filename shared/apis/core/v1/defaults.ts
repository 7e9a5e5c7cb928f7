/**
 * Defaults that depend on other fields, by type
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/defaults.go), and normalization of redundant
 * fields (conversion.go in the same place).
 */

import { Quantity } from '../../../runtime/quantity.ts';
import type { DefaultingFunction } from '../../../runtime/scheme.ts';
import { imageTag } from '../image-reference.ts';
import { isExternallyAccessible } from '../service-helpers.ts';
import { setPodDefaults } from './pod-defaults.ts';
import type {
  Container,
  LimitRangeItem,
  Namespace,
  NodeSpec,
  NodeStatus,
  PersistentVolume,
  PodSpec,
  PodStatus,
  ReplicationController,
  Secret,
  Service,
  ServicePort,
  Volume,
} from './types.ts';

const AFFINITY_SECONDS = 10800;
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

type List = Record<string, string> | null | undefined;

function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  return imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent';
}

/** Also used for ephemeral containers. */
function setContainerDefaults(container: Container): void {
  container.imagePullPolicy ||= pullPolicyOf(container.image ?? '');
}

function setVolumeDefaults(volume: Volume): void {
  const { name: _, ...sources } = volume;
  if (Object.values(sources).every((source) => source === undefined || source === null)) volume.emptyDir = {};
  if (volume.image) volume.image.pullPolicy ||= pullPolicyOf(volume.image.reference ?? '');
}

/** `serviceAccount` is the deprecated alias of `serviceAccountName`, which takes precedence. */
function setPodSpecDefaults(spec: PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount;
  if (!name) return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

/** The older single address is the first of the list, and takes precedence if they differ. */
function setPodStatusDefaults(status: PodStatus): void {
  const { podIP, podIPs } = status;
  if (podIP && podIP !== podIPs?.[0]?.ip) status.podIPs = [{ ip: podIP }];
  else if (podIPs?.length) status.podIP = podIPs[0]!.ip;
}

function setNodeSpecDefaults(spec: NodeSpec): void {
  const { podCIDR, podCIDRs } = spec;
  if (podCIDR && podCIDR !== podCIDRs?.[0]) spec.podCIDRs = [podCIDR];
  else if (podCIDRs?.length) spec.podCIDR = podCIDRs[0]!;
}

function setNodeStatusDefaults(status: NodeStatus): void {
  if (status.capacity && !status.allocatable) status.allocatable = { ...status.capacity };
}

/** For PersistentVolume objects; inline volumes of attachments have no defaults. */
function setPersistentVolumeDefaults({ spec }: PersistentVolume): void {
  spec.persistentVolumeReclaimPolicy ||= 'Retain';
  spec.volumeMode ??= 'Filesystem';
}

function setServicePortDefaults(port: ServicePort): void {
  port.targetPort ||= port.port;
}

function setServiceDefaults({ spec, status }: Service): void {
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP') {
    if (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
      spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_SECONDS } };
    }
  }
  if (isExternallyAccessible({ spec } as Service)) spec.externalTrafficPolicy ||= 'Cluster';
  if (['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type ?? '')) {
    spec.internalTrafficPolicy ??= 'Cluster';
  }
  if (spec.type !== 'LoadBalancer') return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of status?.loadBalancer?.ingress ?? []) {
    if (ingress.ip) ingress.ipMode ??= 'VIP';
  }
}

function setReplicationControllerDefaults({ metadata, spec }: ReplicationController): void {
  const labels = spec?.template?.metadata?.labels;
  if (!spec || !labels) return;
  if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
  if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}

/** Adds the label by which a namespace can be selected by name. */
export function setNamespaceNameLabel({ metadata }: Pick<Namespace, 'metadata'>): void {
  if (!metadata.name) return;
  metadata.labels ??= {};
  metadata.labels[NAMESPACE_NAME] = metadata.name;
}

function setLimitRangeItemDefaults(item: LimitRangeItem): void {
  if (item.type !== 'Container') return;
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}

/** `stringData` is write-only and is converted to `data`. */
function setSecretDefaults(secret: Secret): void {
  const texts = Object.entries(secret.stringData ?? {});
  delete secret.stringData;
  if (texts.length === 0) return;
  const data = texts.map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  secret.data = { ...secret.data, ...Object.fromEntries(data) };
}

/** Fields with amounts of resources, which are rounded up to thousandths. */
const RESOURCE_LISTS: Readonly<Record<string, readonly string[]>> = {
  'core.v1.ResourceRequirements': ['limits', 'requests'],
  'core.v1.VolumeResourceRequirements': ['limits', 'requests'],
  'core.v1.PodSpec': ['overhead'],
  'core.v1.PodStatus': ['allocatedResources'],
  'core.v1.ContainerStatus': ['allocatedResources'],
  'core.v1.LimitRangeItem': ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'],
  'core.v1.ResourceQuotaSpec': ['hard'],
  'core.v1.ResourceQuotaStatus': ['hard', 'used'],
  'core.v1.NodeStatus': ['capacity', 'allocatable'],
  'core.v1.PersistentVolumeSpec': ['capacity'],
  'core.v1.PersistentVolumeClaimStatus': ['capacity', 'allocatedResources'],
  'node.v1.Overhead': ['podFixed'],
  'node.v1beta1.Overhead': ['podFixed'],
};

/** Integers and thousandths, by far the most common, need no rounding. */
const COARSE = /^[0-9]+(?:m|k|[MGTPE]i?|Ki)?$/;

function roundUpList(list: List): void {
  for (const name of Object.keys(list ?? {})) {
    const text = list![name]!;
    if (!COARSE.test(text)) list![name] = Quantity.parse(text).roundUp(-3).toString();
  }
}

type Defaults = (value: never) => void;

const TYPES: Readonly<Record<string, readonly Defaults[]>> = {
  'core.v1.Container': [setContainerDefaults],
  'core.v1.EphemeralContainer': [setContainerDefaults],
  'core.v1.Volume': [setVolumeDefaults],
  'core.v1.Pod': [setPodDefaults],
  'core.v1.PodSpec': [setPodSpecDefaults],
  'core.v1.PodStatus': [setPodStatusDefaults],
  'core.v1.NodeSpec': [setNodeSpecDefaults],
  'core.v1.NodeStatus': [setNodeStatusDefaults],
  'core.v1.PersistentVolume': [setPersistentVolumeDefaults],
  'core.v1.ServicePort': [setServicePortDefaults],
  'core.v1.Service': [setServiceDefaults],
  'core.v1.ReplicationController': [setReplicationControllerDefaults],
  'core.v1.Namespace': [setNamespaceNameLabel],
  'core.v1.LimitRangeItem': [setLimitRangeItemDefaults],
  'core.v1.Secret': [setSecretDefaults],
};

/** Defaulting functions by definition. Amounts are rounded before other defaults are computed from them. */
export function typeDefaults(): ReadonlyMap<string, DefaultingFunction> {
  const names = new Set([...Object.keys(TYPES), ...Object.keys(RESOURCE_LISTS)]);
  return new Map(
    [...names].map((name) => [
      `io.k8s.api.${name}`,
      (value: Record<string, List>) => {
        for (const field of RESOURCE_LISTS[name] ?? []) roundUpList(value[field]);
        for (const setDefaults of TYPES[name] ?? []) setDefaults(value as never);
      },
    ]),
  );
}
