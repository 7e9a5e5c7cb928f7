/** https://github.com/kubernetes/kube-aggregator/blob/master/pkg/registry/apiservice/strategy.go */

import type { APIService } from '../../../apis/apiregistration/v1/types.ts';
import { nameIsPathSegment } from '../../../meta/validation/names.ts';
import { resetFields } from '../../../registry/generic/strategy-parts.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { LOCAL_AVAILABLE, withAvailability } from '../../available-condition.ts';
import { validateAPIService, validateAPIServiceStatus } from './validation.ts';

const VERSIONS = ['apiregistration.k8s.io/v1', 'apiregistration.k8s.io/v1beta1'];

export const apiServiceStrategy: RESTStrategy<APIService> = {
  kind: { group: 'apiregistration.k8s.io', kind: 'APIService' },
  repeatsErrors: true,
  namespaced: false,
  validateName: nameIsPathSegment,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(VERSIONS, 'status'),
  prepareForCreate(_context, apiService) {
    apiService.status = {};
    // Local group versions are available at once.
    if (!apiService.spec.service) apiService.status.conditions = withAvailability([], LOCAL_AVAILABLE);
  },
  prepareForUpdate(_context, apiService, old) {
    apiService.status = old.status;
  },
  validate: (_context, apiService) => validateAPIService(apiService),
  validateUpdate: (_context, apiService) => validateAPIService(apiService),
};

export const apiServiceStatusStrategy: RESTStrategy<APIService> = {
  ...apiServiceStrategy,
  resetFields: resetFields(VERSIONS, 'spec', 'metadata'),
  prepareForUpdate(_context, apiService, old) {
    apiService.spec = old.spec;
    for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
      delete apiService.metadata[field];
      if (old.metadata[field] !== undefined)
        Object.assign(apiService.metadata, { [field]: old.metadata[field] });
    }
  },
  validateUpdate: (_context, apiService) => validateAPIServiceStatus(apiService.status),
};
