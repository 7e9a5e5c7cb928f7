import type { ResourcePoolStatusRequest } from '../../../apis/resource/v1alpha3/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['resource.k8s.io/v1alpha3'];

export const resourcePoolStatusRequestStrategy: RESTStrategy<ResourcePoolStatusRequest> = {
  kind: { group: 'resource.k8s.io', kind: 'ResourcePoolStatusRequest' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
  },
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
};

export const resourcePoolStatusRequestStatusStrategy: RESTStrategy<ResourcePoolStatusRequest> = {
  ...resourcePoolStatusRequestStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
};
