/** https://github.com/kubernetes/kubernetes/blob/master/pkg/api/pod/util.go, for the feature gates that are off by default. */

import type { RequestContext } from '../../request/request-context.ts';
import { dropGatedPaths, type GatedPaths } from '../gated-paths.ts';
import type {
  Container,
  EphemeralContainer,
  PodSpec,
  PodTemplateSpec,
  VolumeProjection,
} from './v1/types.ts';

const projectionsOf = (spec: PodSpec | undefined): VolumeProjection[] =>
  (spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);

const containersOf = (spec: PodSpec | undefined): (Container | EphemeralContainer)[] => [
  ...(spec?.initContainers ?? []),
  ...(spec?.containers ?? []),
  ...(spec?.ephemeralContainers ?? []),
];

const GATED_PROJECTIONS = {
  clusterTrustBundle: 'ClusterTrustBundleProjection',
  podCertificate: 'PodCertificateRequest',
} as const;

const CONTAINERS = '(containers|initContainers|ephemeralContainers)[]';
const PROBES = '(livenessProbe|readinessProbe|startupProbe)';

/** Of a pod's spec. */
const SPEC: GatedPaths = {
  AtomicWriteVolumeUserFields: [
    'volumes[].(secret|configMap|downwardAPI|projected).defaultUser',
    'volumes[].(secret|configMap|downwardAPI).items[].user',
    'volumes[].projected.sources[].(secret|configMap|downwardAPI).items[].user',
    'volumes[].projected.sources[].(serviceAccountToken|clusterTrustBundle|podCertificate).user',
  ],
  EmptyDirVolumeMode: ['volumes[].emptyDir.mode'],
  EvictionRequestAPI: ['evictionResponders'],
  GRPCContainerProbeTLS: [`${CONTAINERS}.${PROBES}.grpc.mode`],
  H2CContainerProbe: [
    `${CONTAINERS}.${PROBES}.httpGet.protocol`,
    `${CONTAINERS}.lifecycle.(postStart|preStop).httpGet.protocol`,
  ],
  VolumeBindMountOptions: [`${CONTAINERS}.volumeMounts[].bindMountOptions`],
};

/** Of a pod's status. */
export const GATED_POD_STATUS: GatedPaths = {
  CSIVolumeHealth: ['status.volumeHealth'],
  DRANodeAllocatableResources: ['status.nodeAllocatableResourceClaimStatuses'],
  ImageVolumeWithDigest: [
    'status.(containerStatuses|initContainerStatuses|ephemeralContainerStatuses)[].volumeMounts[].volumeStatus',
  ],
};

type Gates = Pick<RequestContext, 'featureEnabled'>;

/** What the stored spec says already may stay. */
export function dropGatedPodFields(gates: Gates, spec: PodSpec, old: PodSpec | undefined): void {
  const { featureEnabled } = gates;
  dropGatedPaths(gates, SPEC, spec, old);
  for (const field of ['clusterTrustBundle', 'podCertificate'] as const) {
    if (featureEnabled(GATED_PROJECTIONS[field])) continue;
    if (projectionsOf(old).some((projection) => projection[field])) continue;
    for (const projection of projectionsOf(spec)) delete projection[field];
  }
  if (!featureEnabled('GenericWorkload') && !old?.schedulingGroup) delete spec.schedulingGroup;
  if (
    !featureEnabled('ContainerStopSignals') &&
    !containersOf(old).some(({ lifecycle }) => lifecycle?.stopSignal)
  ) {
    containersOf(spec).forEach(dropStopSignal);
  }
}

function dropStopSignal(container: Container | EphemeralContainer): void {
  const { lifecycle } = container;
  if (lifecycle?.stopSignal === undefined) return;
  delete lifecycle.stopSignal;
  if (Object.keys(lifecycle).length === 0) delete container.lifecycle;
}

export function dropGatedTemplateFields(
  gates: Gates,
  template: PodTemplateSpec | undefined,
  old: PodTemplateSpec | undefined,
): void {
  if (template?.spec) dropGatedPodFields(gates, template.spec, old?.spec);
}
