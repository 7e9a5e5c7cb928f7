import type { ConfigMap } from '../../../apis/core/v1/types.ts';
import { validateConfigMap, validateConfigMapUpdate } from '../../../apis/core/validation/config-maps.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const configMapStrategy: RESTStrategy<ConfigMap> = {
  kind: { group: '', kind: 'ConfigMap' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  validate: (_context, object) => validateConfigMap(object),
  validateUpdate: (_context, object, old) => validateConfigMapUpdate(object, old),
};
