import type { ResourceQuota } from '../../../apis/core/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { resetFields } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/core/validation/resource-quotas.ts'));

export const resourceQuotaStrategy: RESTStrategy<ResourceQuota> = {
  kind: { group: '', kind: 'ResourceQuota' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(['v1'], 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
  },
  validate: async (_context, object) => (await loadRules()).validateResourceQuota(object),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
  validateUpdate: async (_context, object, old) =>
    (await loadRules()).validateResourceQuotaUpdate(object, old),
};

export const resourceQuotaStatusStrategy: RESTStrategy<ResourceQuota> = {
  ...resourceQuotaStrategy,
  resetFields: resetFields(['v1'], 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
  validateUpdate: async (_context, object) => (await loadRules()).validateResourceQuotaStatusUpdate(object),
};
