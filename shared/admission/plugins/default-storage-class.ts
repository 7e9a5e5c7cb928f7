import type { PersistentVolumeClaim } from '../../apis/core/v1/types.ts';
import type { StorageClass } from '../../apis/storage/v1/types.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isWhole, operations } from '../attributes.ts';

const STORAGE_CLASSES = { group: 'storage.k8s.io', resource: 'storageclasses' };
const DEFAULT_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** Sets the default class of a claim without one; of several defaults the newest. */
export const defaultStorageClass: AdmissionPluginFactory = ({ resources }) => ({
  name: 'DefaultStorageClass',
  handles: operations('CREATE'),
  judges: [{ group: '', resource: 'persistentvolumeclaims' }],
  reads: (attributes) => (isWhole(attributes, '', 'persistentvolumeclaims') ? [STORAGE_CLASSES] : []),
  async admit(attributes) {
    if (!isWhole(attributes, '', 'persistentvolumeclaims')) return;
    const { metadata, spec } = attributes.object as PersistentVolumeClaim;
    if (spec.storageClassName !== undefined || metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return;
    const lister = resources.lister<StorageClass>(STORAGE_CLASSES);
    const { items } = await lister.snapshot();
    const [newest] = items.filter(isDefault).toSorted(byAge);
    if (newest !== undefined) spec.storageClassName = newest.metadata.name;
  },
});

function isDefault({ metadata }: StorageClass): boolean {
  return DEFAULT_ANNOTATIONS.some((key) => metadata.annotations?.[key] === 'true');
}

/** Newest first, then by name. */
export function byAge(
  { metadata: a }: { metadata: StorageClass['metadata'] },
  { metadata: b }: { metadata: StorageClass['metadata'] },
): number {
  const [timeA, timeB] = [String(a.creationTimestamp ?? ''), String(b.creationTimestamp ?? '')];
  if (timeA !== timeB) return timeA > timeB ? -1 : 1;
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1;
}
