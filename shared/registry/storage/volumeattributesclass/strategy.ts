import type { VolumeAttributesClass } from '../../../apis/storage/v1/types.ts';
import {
  validateVolumeAttributesClass,
  validateVolumeAttributesClassUpdate,
} from '../../../apis/storage/validation/volume-attributes-class.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const volumeAttributesClassStrategy: RESTStrategy<VolumeAttributesClass> = {
  kind: { group: 'storage.k8s.io', kind: 'VolumeAttributesClass' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  validate: (_context, attributesClass) => validateVolumeAttributesClass(attributesClass),
  validateUpdate: (_context, attributesClass, old) =>
    validateVolumeAttributesClassUpdate(attributesClass, old),
};
