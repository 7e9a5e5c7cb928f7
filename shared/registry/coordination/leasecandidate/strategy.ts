import type { LeaseCandidate } from '../../../apis/coordination/v1beta1/types.ts';
import {
  validateLeaseCandidate,
  validateLeaseCandidateUpdate,
} from '../../../apis/coordination/validation/lease-candidate.ts';
import { isConfigMapKey } from '../../../meta/validation/keys.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const leaseCandidateStrategy: RESTStrategy<LeaseCandidate> = {
  kind: { group: 'coordination.k8s.io', kind: 'LeaseCandidate' },
  namespaced: true,
  validateName: isConfigMapKey,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  validate: (_context, candidate) => validateLeaseCandidate(candidate),
  validateUpdate: (_context, candidate, old) => validateLeaseCandidateUpdate(candidate, old),
};
