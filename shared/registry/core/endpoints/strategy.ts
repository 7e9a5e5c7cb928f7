import type { Endpoints } from '../../../apis/core/v1/types.ts';
import { validateEndpoints } from '../../../apis/core/validation/endpoints.ts';
import { warningsForEndpoints } from '../../../apis/core/warnings/endpoints.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const endpointsStrategy: RESTStrategy<Endpoints> = {
  kind: { group: '', kind: 'Endpoints' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  validate: (_context, object) => validateEndpoints(object),
  warningsOnCreate: (_context, object) => warningsForEndpoints(object),
  validateUpdate: (_context, object, old) => validateEndpoints(object, old),
  warningsOnUpdate: (_context, object) => warningsForEndpoints(object),
  allowCreateOnUpdate: true,
};
