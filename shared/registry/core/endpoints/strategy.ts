import type { Endpoints } from '../../../apis/core/v1/types.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import { validateObjectMeta } from '../../../meta/validation/object-meta.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';

const loadRules = once(() => import('../../../apis/core/validation/endpoints.ts'));
const loadWarnings = once(() => import('../../../apis/core/warnings/endpoints.ts'));

const RULES = { namespaced: true, validateName: nameIsDNSSubdomain };

export const endpointsStrategy: RESTStrategy<Endpoints> = {
  kind: { group: '', kind: 'Endpoints' },
  ...RULES,
  validate: async (_context, object) => (await loadRules()).validateEndpoints(object),
  warningsOnCreate: async (_context, object) => (await loadWarnings()).warningsForEndpoints(object),
  // Upstream validates the complete metadata again.
  validateUpdate: async (_context, object, old) => [
    ...validateObjectMeta(object.metadata, RULES, FieldPath.of('metadata')),
    ...(await loadRules()).validateEndpoints(object, old),
  ],
  warningsOnUpdate: async (_context, object) => (await loadWarnings()).warningsForEndpoints(object),
  allowCreateOnUpdate: true,
};
