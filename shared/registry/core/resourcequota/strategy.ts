import type { ResourceQuota } from '../../../apis/core/v1/types.ts';
import {
  validateResourceQuota,
  validateResourceQuotaStatusUpdate,
  validateResourceQuotaUpdate,
} from '../../../apis/core/validation/resource-quotas.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields } from '../../generic/strategy-parts.ts';

export const resourceQuotaStrategy: RESTStrategy<ResourceQuota> = {
  kind: { group: '', kind: 'ResourceQuota' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(['v1'], 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
  },
  validate: (_context, object) => validateResourceQuota(object),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
  validateUpdate: (_context, object, old) => validateResourceQuotaUpdate(object, old),
};

export const resourceQuotaStatusStrategy: RESTStrategy<ResourceQuota> = {
  ...resourceQuotaStrategy,
  resetFields: resetFields(['v1'], 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: (_context, object) => validateResourceQuotaStatusUpdate(object),
};
