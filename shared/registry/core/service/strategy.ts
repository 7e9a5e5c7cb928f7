import type { Service } from '../../../apis/core/v1/types.ts';
import { type FieldError, invalid, unlessGate } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNS1035Label, nameIsDNSLabel } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { resetFields } from '../../generic/strategy-parts.ts';
import { dropTypeDependentFields } from './linked-fields.ts';

const loadRules = once(() => import('../../../apis/core/validation/services.ts'));
const loadWarnings = once(() => import('../../../apis/core/warnings/services.ts'));

/** The field doesn't apply to external names: upstream, which once set it by default, always hides it. */
function dropInternalTrafficPolicy({ spec }: Service): void {
  if (spec.type === 'ExternalName') delete spec.internalTrafficPolicy;
}

/** Rejects names that begin with a digit, which a later feature gate allows. */
function strictName({ metadata: { name = '' } }: Service): FieldError[] {
  if (nameIsDNSLabel(name).length > 0) return [];
  const errors = nameIsDNS1035Label(name).map((text) =>
    invalid(FieldPath.of('metadata', 'name'), name, text),
  );
  return unlessGate('RelaxedServiceNameValidation', errors);
}

export const serviceStrategy: RESTStrategy<Service> = {
  kind: { group: '', kind: 'Service' },
  namespaced: true,
  validateName: nameIsDNSLabel,
  resetFields: resetFields(['v1'], 'status'),
  prepareForCreate(_context, object) {
    object.status = { loadBalancer: {} };
  },
  validate: async (_context, object) => [
    ...strictName(object),
    ...(await loadRules()).validateServiceCreate(object),
  ],
  warningsOnCreate: async (_context, object) => (await loadWarnings()).warningsForService(object),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    dropTypeDependentFields(object, old);
  },
  validateUpdate: async (_context, object, old) => (await loadRules()).validateServiceUpdate(object, old),
  warningsOnUpdate: async (_context, object) => (await loadWarnings()).warningsForService(object),
  canonicalize: dropInternalTrafficPolicy,
  allowCreateOnUpdate: true,
};

export const serviceStatusStrategy: RESTStrategy<Service> = {
  ...serviceStrategy,
  resetFields: resetFields(['v1'], 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: async (_context, object, old) =>
    (await loadRules()).validateServiceStatusUpdate(object, old),
  warningsOnUpdate: () => [],
};
