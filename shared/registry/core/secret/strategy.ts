import type { Secret } from '../../../apis/core/v1/types.ts';
import { validateSecret, validateSecretUpdate } from '../../../apis/core/validation/secrets.ts';
import { warningsForSecret } from '../../../apis/core/warnings/secrets.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const secretStrategy: RESTStrategy<Secret> = {
  kind: { group: '', kind: 'Secret' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  validate: (_context, object) => validateSecret(object),
  warningsOnCreate: (_context, object) => warningsForSecret(object),
  prepareForUpdate(_context, object, old) {
    if (!object.type && old.type) object.type = old.type;
  },
  validateUpdate: (_context, object, old) => validateSecretUpdate(object, old),
  warningsOnUpdate: (_context, object) => warningsForSecret(object),
};
