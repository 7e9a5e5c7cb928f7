import type { Endpoints } from '../../../apis/core/v1/types.ts';
import { validateEndpoints } from '../../../apis/core/validation/endpoints.ts';
import { warningsForEndpoints } from '../../../apis/core/warnings/endpoints.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import { validateObjectMeta } from '../../../meta/validation/object-meta.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

const RULES = { namespaced: true, validateName: nameIsDNSSubdomain };

export const endpointsStrategy: RESTStrategy<Endpoints> = {
  kind: { group: '', kind: 'Endpoints' },
  ...RULES,
  validate: (_context, object) => validateEndpoints(object),
  warningsOnCreate: (_context, object) => warningsForEndpoints(object),
  // Upstream looks at the whole of its metadata again.
  validateUpdate: (_context, object, old) => [
    ...validateObjectMeta(object.metadata, RULES, FieldPath.of('metadata')),
    ...validateEndpoints(object, old),
  ],
  warningsOnUpdate: (_context, object) => warningsForEndpoints(object),
  allowCreateOnUpdate: true,
};
