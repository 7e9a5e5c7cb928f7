import type { Service } from '../../../apis/core/v1/types.ts';
import {
  validateServiceCreate,
  validateServiceStatusUpdate,
  validateServiceUpdate,
} from '../../../apis/core/validation/services.ts';
import { warningsForService } from '../../../apis/core/warnings/services.ts';
import { nameIsDNSLabel } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields } from '../../generic/strategy-parts.ts';
import { dropTypeDependentFields } from './linked-fields.ts';

/** External names have no traffic inside: upstream never shows the field, which it once defaulted. */
function dropInternalTrafficPolicy({ spec }: Service): void {
  if (spec.type === 'ExternalName') delete spec.internalTrafficPolicy;
}

export const serviceStrategy: RESTStrategy<Service> = {
  kind: { group: '', kind: 'Service' },
  namespaced: true,
  validateName: nameIsDNSLabel,
  resetFields: resetFields(['v1'], 'status'),
  prepareForCreate(_context, object) {
    object.status = { loadBalancer: {} };
    dropInternalTrafficPolicy(object);
  },
  validate: (_context, object) => validateServiceCreate(object),
  warningsOnCreate: (_context, object) => warningsForService(object),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    dropTypeDependentFields(object, old);
    dropInternalTrafficPolicy(object);
  },
  validateUpdate: (_context, object, old) => validateServiceUpdate(object, old),
  warningsOnUpdate: (_context, object) => warningsForService(object),
  allowCreateOnUpdate: true,
};

export const serviceStatusStrategy: RESTStrategy<Service> = {
  ...serviceStrategy,
  resetFields: resetFields(['v1'], 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: (_context, object, old) => validateServiceStatusUpdate(object, old),
  warningsOnUpdate: () => [],
};
