import type { StorageClass } from '../../../apis/storage/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const storageClassStrategy: RESTStrategy<StorageClass> = {
  kind: { group: 'storage.k8s.io', kind: 'StorageClass' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
};
