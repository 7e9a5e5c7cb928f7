/** https://github.com/kubernetes/kubernetes/blob/master/pkg/api/persistentvolumeclaim/util.go */

import { FieldPath } from '../../../meta/field-path.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../v1/types.ts';
import { warningsForFractionalBytes } from './fractional-bytes.ts';

const STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class';

export function warningsForPersistentVolumeClaim({ metadata, spec }: PersistentVolumeClaim): string[] {
  const path = FieldPath.of('metadata', 'annotations').key(STORAGE_CLASS);
  const isOld = Object.hasOwn(metadata.annotations ?? {}, STORAGE_CLASS);
  return [
    ...(isOld ? [`${path}: deprecated since v1.8; use "storageClassName" attribute instead`] : []),
    ...warningsForPersistentVolumeClaimSpec(spec, FieldPath.of('spec')),
  ];
}

/** Also used for claim templates. */
export function warningsForPersistentVolumeClaimSpec(
  spec: PersistentVolumeClaimSpec,
  path: FieldPath,
): string[] {
  const resources = path.child('resources');
  return [
    ...warningsForFractionalBytes(spec.resources?.requests, 'storage', resources.child('requests')),
    ...warningsForFractionalBytes(spec.resources?.limits, 'storage', resources.child('limits')),
  ];
}
