/** https://github.com/kubernetes/kubernetes/blob/master/pkg/api/persistentvolume/util.go */

import { FieldPath } from '../../../meta/field-path.ts';
import type { PersistentVolume, PersistentVolumeSpec } from '../v1/types.ts';
import { warningsForFractionalBytes } from './fractional-bytes.ts';
import { warningsForNodeSelectorTerm } from './node-selectors.ts';

const SPEC = FieldPath.of('spec');
const ANNOTATIONS: Readonly<Record<string, string>> = {
  'volume.beta.kubernetes.io/storage-class':
    'deprecated since v1.8; use "storageClassName" attribute instead',
  'volume.beta.kubernetes.io/mount-options': 'deprecated since v1.31; use "mountOptions" attribute instead',
};
const VOLUMES: readonly (readonly [keyof PersistentVolumeSpec, string])[] = [
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];
/** Names of fields in the internal version, if different. */
const INTERNAL: Readonly<Record<string, string>> = { storageos: 'storageOS' };

export function warningsForPersistentVolume({ metadata, spec }: PersistentVolume): string[] {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const termPath = SPEC.child('nodeAffinity', 'required', 'nodeSelectorTerms');
  const warnings = terms.flatMap((term, index) =>
    warningsForNodeSelectorTerm(term, termPath.index(index), { checkValues: false }),
  );
  for (const [key, text] of Object.entries(ANNOTATIONS)) {
    if (!Object.hasOwn(metadata.annotations ?? {}, key)) continue;
    warnings.push(`${FieldPath.of('metadata', 'annotations').key(key)}: ${text}`);
  }
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const path = SPEC.child('persistentVolumeReclaimPolicy');
    warnings.push(
      `${path}: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.`,
    );
  }
  const volume = VOLUMES.find(([field]) => spec[field] !== undefined);
  if (volume !== undefined) warnings.push(`${SPEC.child(INTERNAL[volume[0]] ?? volume[0])}: ${volume[1]}`);
  return [...warnings, ...warningsForFractionalBytes(spec.capacity, 'storage', SPEC.child('capacity'))];
}
