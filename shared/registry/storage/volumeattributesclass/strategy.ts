import type { VolumeAttributesClass } from '../../../apis/storage/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';

const loadRules = once(() => import('../../../apis/storage/validation/volume-attributes-class.ts'));

export const volumeAttributesClassStrategy: RESTStrategy<VolumeAttributesClass> = {
  kind: { group: 'storage.k8s.io', kind: 'VolumeAttributesClass' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  validate: async (_context, attributesClass) =>
    (await loadRules()).validateVolumeAttributesClass(attributesClass),
  validateUpdate: async (_context, attributesClass, old) =>
    (await loadRules()).validateVolumeAttributesClassUpdate(attributesClass, old),
};
