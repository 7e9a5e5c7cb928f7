/** Cells of nodes, events, quotas, volumes, certificates, policies and the rest. */

import type {
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../apis/admissionregistration/v1/types.ts';
import type { CustomResourceDefinition } from '../../../apis/apiextensions/v1/types.ts';
import type { APIService } from '../../../apis/apiregistration/v1/types.ts';
import type { StorageVersion } from '../../../apis/apiserverinternal/v1alpha1/types.ts';
import type { CertificateSigningRequest } from '../../../apis/certificates/v1/types.ts';
import type {
  ComponentStatus,
  ConfigMap,
  Event,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  ResourceQuota,
} from '../../../apis/core/v1/types.ts';
import type { PriorityLevelConfiguration } from '../../../apis/flowcontrol/v1/types.ts';
import type { RoleBinding } from '../../../apis/rbac/v1/types.ts';
import type { ResourceClaim, ResourceSlice } from '../../../apis/resource/v1/types.ts';
import type { CSIDriver, StorageClass } from '../../../apis/storage/v1/types.ts';
import type { StorageVersionMigration } from '../../../apis/storagemigration/v1/types.ts';
import { age } from '../age.ts';
import { type CellSource, listWithMore, NONE, rule, UNSET } from '../cell.ts';
import { humanDuration } from '../human-duration.ts';

function nodeStatus({ spec, status }: Node): string {
  const ready = (status.conditions ?? []).find(({ type }) => type === 'Ready');
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec.unschedulable ? `${text},SchedulingDisabled` : text;
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function nodeRoles({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX))
      return key.length > ROLE_PREFIX.length ? [key.slice(ROLE_PREFIX.length)] : [];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return [...new Set(roles)].sort().join(',') || NONE;
}

/** Includes the architecture, because nodes of several architectures share kernel versions. */
function nodeKernel({ status }: Node): string {
  const { kernelVersion, architecture } = status?.nodeInfo ?? {};
  return `${kernelVersion || '<unknown>'}${architecture ? ` (${architecture})` : ''}`;
}

/** Supports both Event APIs: older events have a count and two timestamps, newer ones a series. */
function eventLastSeen({ series, lastTimestamp, firstTimestamp, eventTime }: Event): CellSource {
  if (series) return age(series.lastObservedTime);
  return age(lastTimestamp || firstTimestamp || eventTime);
}

function eventSource({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || '';
  const host = source?.host || reportingInstance;
  return host ? `${component}, ${host}` : component;
}

/** `cpu: 1/2` for the quota's keys that belong to the column. */
function quotaCell({ status }: ResourceQuota, wanted: (resource: string) => boolean): string {
  return Object.keys(status.hard ?? {})
    .filter(wanted)
    .sort()
    .map((resource) => `${resource}: ${status.used?.[resource] ?? '0'}/${status.hard![resource]}`)
    .join(', ');
}

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** In a fixed order, regardless of the order in the object. */
function accessModes(modes: readonly string[] | undefined | null): string {
  const given = new Set(modes ?? []);
  return Object.keys(ACCESS_MODES)
    .filter((mode) => given.has(mode))
    .map((mode) => ACCESS_MODES[mode])
    .join(',');
}

const BETA_STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';
const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

function csrCondition({ status }: CertificateSigningRequest): string {
  const types = new Set((status.conditions ?? []).map(({ type }) => type));
  const shown = types.has('Denied') ? ['Denied'] : types.has('Approved') ? ['Approved'] : ['Pending'];
  if (types.has('Failed')) shown.push('Failed');
  if (status.certificate) shown.push('Issued');
  return shown.join(',');
}

function claimState({ metadata, status }: ResourceClaim): string {
  const states = [
    ...(metadata.deletionTimestamp ? ['deleted'] : []),
    ...(status.allocation ? ['allocated'] : metadata.deletionTimestamp ? [] : ['pending']),
    ...((status.reservedFor ?? []).length > 0 ? ['reserved'] : []),
  ];
  return states.join(',');
}

function apiServiceAvailable({ status }: APIService): string {
  const available = (status.conditions ?? []).find(({ type }) => type === 'Available');
  if (available === undefined) return 'Unknown';
  return available.status === 'True' ? 'True' : `${available.status} (${available.reason ?? ''})`;
}

function paramRef({
  spec: { paramRef: ref },
}: ValidatingAdmissionPolicyBinding | MutatingAdmissionPolicyBinding): string {
  if (!ref) return UNSET;
  const namespace = ref.namespace || '*';
  return ref.name ? `${namespace}/${ref.name}` : `${namespace}/*`;
}

export const clusterRules = {
  'node.status': rule<Node>(nodeStatus),
  'node.roles': rule<Node>(nodeRoles),
  'node.kernel': rule<Node>(nodeKernel),
  'event.lastSeen': rule<Event>(eventLastSeen),
  'event.firstSeen': rule<Event>(({ firstTimestamp, eventTime }) => age(firstTimestamp || eventTime)),
  'event.count': rule<Event>(({ series, count }) => (series ? (series.count ?? 0) : count || 1)),
  'event.source': rule<Event>(eventSource),
  'event.object': rule<Event>(({ involvedObject: { kind, name } }) =>
    name ? `${(kind ?? '').toLowerCase()}/${name}` : (kind ?? '').toLowerCase(),
  ),
  'event.message': rule<Event>(({ message }) => (message ?? '').trim()),
  'quota.request': rule<ResourceQuota>((quota) =>
    quotaCell(quota, (resource) => !resource.startsWith('limits.')),
  ),
  'quota.limit': rule<ResourceQuota>((quota) =>
    quotaCell(quota, (resource) => resource.startsWith('limits.')),
  ),
  'configMap.data': rule<ConfigMap>(
    ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
  ),
  'componentStatus.status': rule<ComponentStatus>(({ conditions }) => {
    const healthy = (conditions ?? []).find(({ type }) => type === 'Healthy');
    return healthy?.status === 'True' ? 'Healthy' : healthy?.status === 'False' ? 'Unhealthy' : 'Unknown';
  }),
  'persistentVolume.accessModes': rule<PersistentVolume>(({ spec }) => accessModes(spec.accessModes)),
  'persistentVolume.claim': rule<PersistentVolume>(({ spec: { claimRef } }) =>
    claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : '',
  ),
  'persistentVolumeClaim.accessModes': rule<PersistentVolumeClaim>(({ spec, status }) =>
    spec.volumeName ? accessModes(status.accessModes) : '',
  ),
  'persistentVolumeClaim.capacity': rule<PersistentVolumeClaim>(({ spec, status }) =>
    spec.volumeName ? (status.capacity?.['storage'] ?? '0') : '',
  ),
  'volume.phase': rule<PersistentVolume>(({ metadata, status }) =>
    metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? ''),
  ),
  'volume.storageClass': rule<PersistentVolume>(
    ({ metadata, spec }) => metadata.annotations?.[BETA_STORAGE_CLASS] ?? spec.storageClassName ?? '',
  ),
  'storageClass.name': rule<StorageClass>(({ metadata }) =>
    DEFAULT_CLASS.some((key) => metadata.annotations?.[key] === 'true')
      ? `${metadata.name} (default)`
      : (metadata.name ?? ''),
  ),
  'csr.condition': rule<CertificateSigningRequest>(csrCondition),
  'csr.requestedDuration': rule<CertificateSigningRequest>(({ spec }) =>
    spec.expirationSeconds === undefined ? NONE : humanDuration(spec.expirationSeconds * 1000),
  ),
  'podCertificateRequest.state': rule<{ status: { conditions?: { type: string }[] } }>(
    ({ status }) =>
      (status?.conditions ?? []).findLast(({ type }) => ['Issued', 'Denied', 'Failed'].includes(type))
        ?.type ?? 'Pending',
  ),
  'roleBinding.role': rule<RoleBinding>(({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  'roleBinding.serviceAccounts': rule<RoleBinding>(({ subjects }) =>
    (subjects ?? [])
      .filter(({ kind }) => kind === 'ServiceAccount')
      .map(({ namespace, name }) => `${namespace ?? ''}/${name}`)
      .join(', '),
  ),
  'resourceClaim.state': rule<ResourceClaim>(claimState),
  'resourceSlice.node': rule<ResourceSlice>(({ spec }) =>
    spec.nodeName ? spec.nodeName : spec.allNodes ? '<all>' : spec.nodeSelector ? '<some>' : '',
  ),
  'apiService.service': rule<APIService>(({ spec: { service } }) =>
    service ? `${service.namespace}/${service.name}` : 'Local',
  ),
  'apiService.available': rule<APIService>(apiServiceAvailable),
  'migration.resource': rule<StorageVersionMigration>(({ spec: { resource } }) =>
    resource.group ? `${resource.resource}.${resource.group}` : resource.resource,
  ),
  'migration.status': rule<StorageVersionMigration>(
    ({ status }) =>
      (status?.conditions ?? []).findLast(
        ({ type, status }) => status === 'True' && ['Running', 'Failed', 'Succeeded'].includes(type),
      )?.type ?? 'Unknown',
  ),
  'csiDriver.tokenRequests': rule<CSIDriver>(({ spec: { tokenRequests } }) =>
    tokenRequests ? tokenRequests.map(({ audience }) => audience).join(',') : UNSET,
  ),
  'definition.versions': rule<CustomResourceDefinition>(({ spec }) =>
    (spec.versions ?? [])
      .filter(({ served }) => served)
      .map(({ name, storage }) => (storage ? `${name}(storage)` : name))
      .sort()
      .join(','),
  ),
  'definition.established': rule<CustomResourceDefinition>(({ status }) =>
    (status?.conditions ?? []).some(({ type, status }) => type === 'Established' && status === 'True'),
  ),
  'policy.paramKind': rule<ValidatingAdmissionPolicy>(({ spec: { paramKind } }) =>
    paramKind ? `${paramKind.apiVersion}/${paramKind.kind}` : UNSET,
  ),
  'policyBinding.paramRef': rule<ValidatingAdmissionPolicyBinding>(paramRef),
  'priorityLevel.shares': rule<PriorityLevelConfiguration>(({ spec }) =>
    spec.limited ? (spec.limited.nominalConcurrencyShares ?? 0) : NONE,
  ),
  'storageVersion.versions': rule<StorageVersion>(({ status }) => {
    const versions = (status.storageVersions ?? []).map(
      ({ apiServerID, encodingVersion }) => `${apiServerID}=${encodingVersion}`,
    );
    return listWithMore(versions, 3) || UNSET;
  }),
};
