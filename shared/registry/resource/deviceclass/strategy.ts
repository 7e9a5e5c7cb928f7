import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import type { DeviceClass } from '../../../apis/resource/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import type { FieldError } from '../../../meta/field-error.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

const GATED: GatedPaths = { DRAExtendedResource: ['spec.extendedResourceName'] };

/** Device selectors are CEL expressions; the compiler is loaded with the first object that may contain one. */
const load = () => import('../../../apis/resource/validation/device-class.ts');

async function validate(
  { featureEnabled }: RequestContext,
  deviceClass: DeviceClass,
  old: DeviceClass | undefined,
): Promise<FieldError[]> {
  const { validateDeviceClass } = await load();
  return validateDeviceClass(deviceClass, old, { listAttributes: featureEnabled('DRAListTypeAttributes') });
}

export const deviceClassStrategy: RESTStrategy<DeviceClass> = {
  kind: { group: 'resource.k8s.io', kind: 'DeviceClass' },
  declared: { type: 'DeviceClass', load: loadDeclaredRules },
  namespaced: false,
  // Declarative validation checks names, though not generateName.
  validateName: (name, part) => (part ? [] : nameIsDNSSubdomain(name, part)),
  dropDisabledFields: dropping(GATED),
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  validate: (context, deviceClass) => validate(context, deviceClass, undefined),
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: validate,
};
