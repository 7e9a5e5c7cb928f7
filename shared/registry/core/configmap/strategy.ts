import type { ConfigMap } from '../../../apis/core/v1/types.ts';
import { validateConfigMap, validateConfigMapUpdate } from '../../../apis/core/validation/config-maps.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import { validateObjectMeta } from '../../../meta/validation/object-meta.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

const RULES = { namespaced: true, validateName: nameIsDNSSubdomain };

export const configMapStrategy: RESTStrategy<ConfigMap> = {
  kind: { group: '', kind: 'ConfigMap' },
  ...RULES,
  validate: (_context, object) => validateConfigMap(object),
  // Upstream validates the complete metadata again.
  validateUpdate: (_context, object, old) => [
    ...validateObjectMeta(object.metadata, RULES, FieldPath.of('metadata')),
    ...validateConfigMapUpdate(object, old),
  ],
};
