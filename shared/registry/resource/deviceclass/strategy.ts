import type { DeviceClass } from '../../../apis/resource/v1/types.ts';
import { validateDeviceClass } from '../../../apis/resource/validation/device-class.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';

export const deviceClassStrategy: RESTStrategy<DeviceClass> = {
  kind: { group: 'resource.k8s.io', kind: 'DeviceClass' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  validate: (_context, deviceClass) => validateDeviceClass(deviceClass),
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: (_context, deviceClass, old) => validateDeviceClass(deviceClass, old),
};
