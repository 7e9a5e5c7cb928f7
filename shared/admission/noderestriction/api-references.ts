import { podConfigMapNames, podSecretNames } from '../../apis/core/pod-references.ts';
import type { PodSpec, Volume, VolumeProjection } from '../../apis/core/v1/types.ts';

const VOLUMES: readonly (readonly [keyof Volume, string])[] = [
  ['configMap', 'configmaps (via configmap volumes)'],
  ['secret', 'secrets (via secret volumes)'],
  ['csi', 'csidrivers (via CSI volumes)'],
  ['glusterfs', 'endpoints (via glusterFS volumes)'],
  ['persistentVolumeClaim', 'persistentvolumeclaims'],
  ['ephemeral', 'persistentvolumeclaims (via ephemeral volumes)'],
  ['azureFile', 'secrets (via azureFile volumes)'],
];
const PROJECTIONS: readonly (readonly [keyof VolumeProjection, string])[] = [
  ['configMap', 'configmaps (via projected volumes)'],
  ['secret', 'secrets (via projected volumes)'],
  ['serviceAccountToken', 'serviceaccounts (via projected volumes)'],
  ['clusterTrustBundle', 'clustertrustbundles'],
  ['podCertificate', 'podcertificates'],
];

/**
 * The first kind of API object that the pod refers to; undefined if there is none
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/api/pod/util.go, `HasAPIObjectReference`).
 */
export function apiReferenceOf(spec: PodSpec): string | undefined {
  if (spec.serviceAccountName) return 'serviceaccounts';
  if (podSecretNames(spec).length > 0) return 'secrets';
  if (podConfigMapNames(spec).length > 0) return 'configmaps';
  if ((spec.resourceClaims ?? []).length > 0) return 'resourceclaims';
  for (const volume of spec.volumes ?? []) {
    const own = VOLUMES.find(([field]) => volume[field] !== undefined)?.[1];
    if (own !== undefined) return own;
    for (const source of volume.projected?.sources ?? []) {
      const projected = PROJECTIONS.find(([field]) => source[field] !== undefined)?.[1];
      if (projected !== undefined) return projected;
    }
  }
  return undefined;
}
