import type { ResourceClaimTemplate } from '../../../apis/resource/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const resourceClaimTemplateStrategy: RESTStrategy<ResourceClaimTemplate> = {
  kind: { group: 'resource.k8s.io', kind: 'ResourceClaimTemplate' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
};
