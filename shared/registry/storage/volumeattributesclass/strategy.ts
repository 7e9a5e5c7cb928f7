import type { VolumeAttributesClass } from '../../../apis/storage/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const volumeAttributesClassStrategy: RESTStrategy<VolumeAttributesClass> = {
  kind: { group: 'storage.k8s.io', kind: 'VolumeAttributesClass' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
};
