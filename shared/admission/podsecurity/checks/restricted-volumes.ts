import type { Volume } from '../../../apis/core/v1/types.ts';
import { type CheckPod, joinQuoted, type PodSecurityCheck, plural, sortedSet } from '../check.ts';

const ALLOWED = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const;
const FORBIDDEN = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
] as const;

function forbiddenType(volume: Volume): string | undefined {
  if (ALLOWED.some((type) => volume[type] !== undefined)) return undefined;
  return FORBIDDEN.find((type) => volume[type] !== undefined) ?? 'unknown';
}

const check: CheckPod = ({ spec }) => {
  const bad = (spec.volumes ?? []).flatMap((volume) => {
    const type = forbiddenType(volume);
    return type === undefined ? [] : [{ name: volume.name, type }];
  });
  if (bad.length === 0) return undefined;
  const types = sortedSet(bad.map(({ type }) => type));
  const volumes = `${plural(bad.length, 'volume')} ${joinQuoted(bad.map(({ name }) => name))}`;
  const what = plural(types.length, 'restricted volume type');
  return {
    reason: 'restricted volume types',
    detail: `${volumes} ${plural(bad.length, 'uses', 'use')} ${what} ${joinQuoted(types)}`,
  };
};

/** Only volumes from the API or from claims are allowed, no inline references to storage systems. */
export const restrictedVolumes: PodSecurityCheck = {
  id: 'restrictedVolumes',
  level: 'restricted',
  versions: [{ since: 0, check, overrides: ['hostPathVolumes'] }],
};
