import type { ServiceCIDR } from '../../../apis/networking/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/networking/validation/service-cidr.ts'));

const API_VERSIONS = ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1'];

/** Feature gate. When it is off, writes of the object may set its status, as in older releases. */
const WIPES = 'ServiceCIDRStatusFieldWiping';

export const serviceCIDRStrategy: RESTStrategy<ServiceCIDR> = {
  kind: { group: 'networking.k8s.io', kind: 'ServiceCIDR' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate({ featureEnabled }, object) {
    if (featureEnabled(WIPES)) object.status = {};
  },
  validate: async (_context, cidr) => (await loadRules()).validateServiceCIDR(cidr),
  prepareForUpdate({ featureEnabled }, object, old) {
    if (featureEnabled(WIPES)) object.status = old.status;
  },
  validateUpdate: async (_context, cidr, old) => (await loadRules()).validateServiceCIDRUpdate(cidr, old),
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
