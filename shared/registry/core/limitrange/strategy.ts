import { randomUUID } from 'node:crypto';
import type { LimitRange } from '../../../apis/core/v1/types.ts';
import { validateLimitRange } from '../../../apis/core/validation/limit-ranges.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const limitRangeStrategy: RESTStrategy<LimitRange> = {
  kind: { group: '', kind: 'LimitRange' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(_context, { metadata }) {
    metadata.name ||= randomUUID();
  },
  validate: (_context, object) => validateLimitRange(object),
  validateUpdate: (_context, object) => validateLimitRange(object),
  allowCreateOnUpdate: true,
};
