import type { PersistentVolumeClaim } from '../../apis/core/v1/types.ts';
import type { StorageClass } from '../../apis/storage/v1/types.ts';
import { Quantity } from '../../runtime/quantity.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isWhole, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** Allows expansion only of bound claims whose class permits it. */
export const persistentVolumeClaimResize: AdmissionPluginFactory = ({ resources }) => ({
  name: 'PersistentVolumeClaimResize',
  handles: operations('UPDATE'),
  judges: [{ group: '', resource: 'persistentvolumeclaims' }],
  async validate(attributes) {
    if (!isWhole(attributes, '', 'persistentvolumeclaims')) return;
    const [claim, old] = [attributes.object, attributes.oldObject] as [
      PersistentVolumeClaim,
      PersistentVolumeClaim,
    ];
    if (sizeOf(claim).cmp(sizeOf(old)) <= 0) return;
    if (old.status.phase !== 'Bound') {
      throw forbidden(attributes, 'Only bound persistent volume claims can be expanded');
    }
    const name = classOf(claim);
    const lister = resources.lister<StorageClass>({ group: 'storage.k8s.io', resource: 'storageclasses' });
    const resizable =
      name !== '' && name === classOf(old) && (await lister.get('', name))?.allowVolumeExpansion === true;
    if (resizable) return;
    throw forbidden(
      attributes,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  },
});

function sizeOf({ spec }: PersistentVolumeClaim): Quantity {
  return Quantity.parse(spec.resources?.requests?.['storage'] ?? '0');
}

function classOf({ metadata, spec }: PersistentVolumeClaim): string {
  return metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '';
}
