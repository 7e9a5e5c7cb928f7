import type { Lease } from '../../../apis/coordination/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const leaseStrategy: RESTStrategy<Lease> = {
  kind: { group: 'coordination.k8s.io', kind: 'Lease' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
};
