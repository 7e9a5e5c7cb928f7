import type { ServiceCIDR } from '../../../apis/networking/v1/types.ts';
import {
  validateServiceCIDR,
  validateServiceCIDRUpdate,
} from '../../../apis/networking/validation/service-cidr.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1'];

/** Its status was whatever its maker said, once. */
const WIPES = 'ServiceCIDRStatusFieldWiping';

export const serviceCIDRStrategy: RESTStrategy<ServiceCIDR> = {
  kind: { group: 'networking.k8s.io', kind: 'ServiceCIDR' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate({ featureEnabled }, object) {
    if (featureEnabled(WIPES)) object.status = {};
  },
  validate: (_context, cidr) => validateServiceCIDR(cidr),
  prepareForUpdate({ featureEnabled }, object, old) {
    if (featureEnabled(WIPES)) object.status = old.status;
  },
  validateUpdate: (_context, cidr, old) => validateServiceCIDRUpdate(cidr, old),
};

export const serviceCIDRStatusStrategy: RESTStrategy<ServiceCIDR> = {
  ...serviceCIDRStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
  validateUpdate: () => [],
};
