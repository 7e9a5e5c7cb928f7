import type { DeviceClass } from '../../../apis/resource/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';

/** Devices are selected by CEL, which loads with the first object that may hold selectors. */
const load = () => import('../../../apis/resource/validation/device-class.ts');

export const deviceClassStrategy: RESTStrategy<DeviceClass> = {
  kind: { group: 'resource.k8s.io', kind: 'DeviceClass' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  validate: async (_context, deviceClass) => (await load()).validateDeviceClass(deviceClass),
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (_context, deviceClass, old) => (await load()).validateDeviceClass(deviceClass, old),
};
