/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/resource/resourcepoolstatusrequest/strategy.go */

import { dropping } from '../../../apis/gated-paths.ts';
import type { ResourcePoolStatusRequest } from '../../../apis/resource/v1alpha3/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';
import { loadDeclaredAlphaRules } from '../declared-rules.ts';

const loadRules = once(() => import('../../../apis/resource/validation/resource-pool-status-request.ts'));

const API_VERSIONS = ['resource.k8s.io/v1alpha3'];
const GATED = { DRAPartitionableDevicesType: ['spec.defaultPartitionTypeAttribute'] };

export const resourcePoolStatusRequestStrategy: RESTStrategy<ResourcePoolStatusRequest> = {
  kind: { group: 'resource.k8s.io', kind: 'ResourcePoolStatusRequest' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  dropDisabledFields: dropping(GATED),
  prepareForCreate(_context, object) {
    delete object.status;
  },
  declared: { type: 'ResourcePoolStatusRequest', load: loadDeclaredAlphaRules },
  validate: () => [],
  prepareForUpdate(_context, object, old) {
    if (old.status) object.status = old.status;
    else delete object.status;
  },
  validateUpdate: () => [],
};

export const resourcePoolStatusRequestStatusStrategy: RESTStrategy<ResourcePoolStatusRequest> = {
  ...resourcePoolStatusRequestStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
  validateUpdate: async (_context, request, old) =>
    (await loadRules()).validatePoolStatusUpdate(request, old),
};
