import type { AdmissionPluginFactory } from '../admission.ts';
import { isWhole, operations } from '../attributes.ts';

const FINALIZERS = [
  ['persistentvolumes', 'kubernetes.io/pv-protection'],
  ['persistentvolumeclaims', 'kubernetes.io/pvc-protection'],
  ['volumeattributesclasses', 'kubernetes.io/vac-protection', 'storage.k8s.io'],
] as const;

/** Adds a finalizer that keeps deleted volumes until they are no longer in use. */
export const storageObjectInUseProtection: AdmissionPluginFactory = ({ featureEnabled }) => ({
  name: 'StorageObjectInUseProtection',
  handles: operations('CREATE'),
  judges: FINALIZERS.map(([resource, , group = '']) => ({ group, resource })),
  async admit(attributes) {
    for (const [resource, finalizer, group = ''] of FINALIZERS) {
      if (!isWhole(attributes, group, resource)) continue;
      if (group !== '' && !featureEnabled('VolumeAttributesClass')) return;
      const { metadata } = attributes.object!;
      const finalizers = metadata.finalizers ?? [];
      if (!finalizers.includes(finalizer)) metadata.finalizers = [...finalizers, finalizer];
    }
  },
});
