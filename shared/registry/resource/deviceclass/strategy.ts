import type { DeviceClass } from '../../../apis/resource/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import type { FieldError } from '../../../meta/field-error.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';

/** Devices are selected by CEL, which loads with the first object that may hold selectors. */
const load = () => import('../../../apis/resource/validation/device-class.ts');
const loadDeclared = () => import('../../../apis/resource/validation/declared.ts');

async function validate(
  context: RequestContext,
  deviceClass: DeviceClass,
  old: DeviceClass | undefined,
): Promise<FieldError[]> {
  const { validateDeviceClass } = await load();
  const rules = { listAttributes: context.featureEnabled('DRAListTypeAttributes') };
  return [
    ...validateDeviceClass(deviceClass, old, rules),
    ...(await loadDeclared()).declaredRules.validate(context, 'DeviceClass', deviceClass, old),
  ];
}

export const deviceClassStrategy: RESTStrategy<DeviceClass> = {
  kind: { group: 'resource.k8s.io', kind: 'DeviceClass' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  validate: (context, deviceClass) => validate(context, deviceClass, undefined),
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: validate,
};
