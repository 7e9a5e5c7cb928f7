/** https://github.com/kubernetes/kubernetes/blob/master/pkg/api/pod/util.go: fields of pods behind feature gates. */

import type { ObjectMeta } from '../../meta/v1/types.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { dropGatedPaths, type GatedPaths, gatedUnder, usesGate } from '../gated-paths.ts';
import type { Pod, PodSpec, PodTemplateSpec } from './v1/types.ts';

const CONTAINERS = '(containers|initContainers|ephemeralContainers)[]';
const PROBES = '(livenessProbe|readinessProbe|startupProbe)';
const STATUSES = 'status.(containerStatuses|initContainerStatuses|ephemeralContainerStatuses)[]';
const CONSTRAINTS = 'topologySpreadConstraints[]';
const AFFINITIES = 'affinity.(podAffinity|podAntiAffinity)';

/** Paths in a pod's spec. */
const SPEC: GatedPaths = {
  AtomicWriteVolumeUserFields: [
    'volumes[].(secret|configMap|downwardAPI|projected).defaultUser',
    'volumes[].(secret|configMap|downwardAPI).items[].user',
    'volumes[].projected.sources[].(secret|configMap|downwardAPI).items[].user',
    'volumes[].projected.sources[].(serviceAccountToken|clusterTrustBundle|podCertificate).user',
  ],
  ClusterTrustBundleProjection: ['volumes[].projected.sources[].clusterTrustBundle'],
  ContainerRestartRules: {
    drops: [
      '(containers|ephemeralContainers)[].restartPolicy',
      'initContainers[].restartPolicy!Always',
      `${CONTAINERS}.restartPolicyRules`,
    ],
    usedBy: [
      'containers[].restartPolicy',
      'initContainers[].restartPolicy!Always',
      'initContainers[].restartPolicyRules',
    ],
  },
  ContainerStopSignals: { drops: [`${CONTAINERS}.lifecycle.stopSignal`], takesEmptyHolder: true },
  DynamicResourceAllocation: {
    drops: ['resourceClaims', `${CONTAINERS}.resources.claims`],
    usedBy: ['resourceClaims'],
  },
  EmptyDirVolumeMode: ['volumes[].emptyDir.mode'],
  EnvFiles: [`${CONTAINERS}.env[].valueFrom.fileKeyRef`],
  EvictionRequestAPI: ['evictionResponders'],
  GRPCContainerProbeTLS: [`${CONTAINERS}.${PROBES}.grpc.mode`],
  GenericWorkload: ['schedulingGroup'],
  H2CContainerProbe: [
    `${CONTAINERS}.${PROBES}.httpGet.protocol`,
    `${CONTAINERS}.lifecycle.(postStart|preStop).httpGet.protocol`,
  ],
  HostnameOverride: ['hostnameOverride'],
  InPlacePodVerticalScaling: {
    drops: [`${CONTAINERS}.resizePolicy`],
    usedBy: ['(containers|initContainers)[].resizePolicy'],
  },
  MatchLabelKeysInPodAffinity: [
    `${AFFINITIES}.requiredDuringSchedulingIgnoredDuringExecution[].(matchLabelKeys|mismatchLabelKeys)`,
    `${AFFINITIES}.preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm.(matchLabelKeys|mismatchLabelKeys)`,
  ],
  MatchLabelKeysInPodTopologySpread: [`${CONSTRAINTS}.matchLabelKeys`],
  NodeInclusionPolicyInPodTopologySpread: [
    { drops: [`${CONSTRAINTS}.nodeTaintsPolicy`] },
    { drops: [`${CONSTRAINTS}.nodeAffinityPolicy`] },
  ],
  PodCertificateRequest: ['volumes[].projected.sources[].podCertificate'],
  PodLevelResources: { drops: ['resources'], usedBy: ['resources.(requests|limits){}'] },
  ProcMountType: { drops: [`${CONTAINERS}.securityContext.procMount!Default`], leaves: 'Default' },
  RecursiveReadOnlyMounts: [`${CONTAINERS}.volumeMounts[].recursiveReadOnly`],
  SELinuxChangePolicy: ['securityContext.seLinuxChangePolicy'],
  SupplementalGroupsPolicy: ['securityContext.supplementalGroupsPolicy'],
  UserNamespacesSupport: ['hostUsers'],
  VolumeBindMountOptions: [`${CONTAINERS}.volumeMounts[].bindMountOptions`],
};

/** Paths in a pod's status, some of which are kept if the spec uses the feature. */
const STATUS: GatedPaths = {
  CSIVolumeHealth: ['status.volumeHealth'],
  DRAExtendedResource: ['status.extendedResourceClaimStatus'],
  DRANodeAllocatableResources: ['status.nodeAllocatableResourceClaimStatuses'],
  DynamicResourceAllocation: { drops: ['status.resourceClaimStatuses'], usedBy: ['spec.resourceClaims'] },
  ImageVolumeWithDigest: [`${STATUSES}.volumeMounts[].volumeStatus`],
  InPlacePodLevelResourcesVerticalScaling: ['status.(resources|allocatedResources)'],
  InPlacePodVerticalScaling: {
    drops: [`${STATUSES}.(resources|allocatedResources)`],
    usedBy: ['spec.(containers|initContainers)[].resizePolicy'],
  },
  PodObservedGenerationTracking: ['status.observedGeneration', 'status.conditions[].observedGeneration'],
  RecursiveReadOnlyMounts: {
    drops: [`${STATUSES}.volumeMounts`],
    usedBy: [`spec.${CONTAINERS}.volumeMounts[].recursiveReadOnly`],
  },
  ResourceHealthStatus: [`${STATUSES}.allocatedResourcesStatus`],
  ResourceHealthStatusMessage: [`${STATUSES}.allocatedResourcesStatus[].resources[].message`],
  SupplementalGroupsPolicy: {
    drops: [`${STATUSES}.user`],
    usedBy: ['spec.securityContext.supplementalGroupsPolicy'],
  },
};

const OF_POD = gatedUnder('spec', SPEC);

/** Whether a spec uses fields of the gate. */
export const specUsesGate = (gate: string, spec: PodSpec): boolean => usesGate(SPEC, gate, spec);

type Gates = Pick<RequestContext, 'featureEnabled'>;

/** Drops the annotations for init containers from before 1.8. */
export function dropInitContainerAnnotations(metadata: ObjectMeta | null | undefined): void {
  const annotations = metadata?.annotations;
  if (!annotations) return;
  let dropped = false;
  for (const stage of ['alpha', 'beta']) {
    for (const what of ['init-containers', 'init-container-statuses']) {
      const name = `pod.${stage}.kubernetes.io/${what}`;
      dropped ||= Object.hasOwn(annotations, name);
      delete annotations[name];
    }
  }
  if (dropped && Object.keys(annotations).length === 0) delete metadata.annotations;
}

/** Fields that the stored pod already uses are kept. */
export function dropDisabledPodFields(gates: Gates, pod: Pod, old: Pod | undefined): void {
  dropInitContainerAnnotations(pod.metadata);
  dropGatedPaths(gates, OF_POD, pod, old);
  dropImageVolumes(gates, pod.spec, old?.spec);
  dropGatedPaths(gates, STATUS, pod, old);
}

export function dropDisabledTemplateFields(
  gates: Gates,
  template: PodTemplateSpec | null | undefined,
  old: PodTemplateSpec | null | undefined,
): void {
  dropInitContainerAnnotations(template?.metadata);
  if (!template?.spec) return;
  // Unlike in Pods, an empty overhead in templates is the same as a missing one.
  if (Object.keys(template.spec.overhead ?? {}).length === 0) delete template.spec.overhead;
  dropGatedPaths(gates, SPEC, template.spec, old?.spec);
  dropImageVolumes(gates, template.spec, old?.spec);
}

const isOfImage = ({ image }: { readonly image?: unknown }): boolean => image !== undefined && image !== null;

/** Drops image volumes together with their mounts. */
function dropImageVolumes({ featureEnabled }: Gates, spec: PodSpec, old: PodSpec | undefined): void {
  if (featureEnabled('ImageVolume') || (old?.volumes ?? []).some(isOfImage)) return;
  const gone = new Set((spec.volumes ?? []).filter(isOfImage).map(({ name }) => name));
  if (gone.size === 0) return;
  spec.volumes = spec.volumes!.filter((volume) => !isOfImage(volume));
  for (const field of ['containers', 'initContainers', 'ephemeralContainers'] as const) {
    for (const container of spec[field] ?? []) {
      if (!container.volumeMounts) continue;
      container.volumeMounts = container.volumeMounts.filter(({ name }) => !gone.has(name));
    }
  }
}
