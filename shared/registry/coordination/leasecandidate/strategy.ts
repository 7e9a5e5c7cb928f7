import type { LeaseCandidate } from '../../../apis/coordination/v1beta1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const leaseCandidateStrategy: RESTStrategy<LeaseCandidate> = {
  kind: { group: 'coordination.k8s.io', kind: 'LeaseCandidate' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
};
