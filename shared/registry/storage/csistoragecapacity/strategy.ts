import type { CSIStorageCapacity } from '../../../apis/storage/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const csiStorageCapacityStrategy: RESTStrategy<CSIStorageCapacity> = {
  kind: { group: 'storage.k8s.io', kind: 'CSIStorageCapacity' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
};
