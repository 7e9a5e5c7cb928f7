import type { LeaseCandidate } from '../../../apis/coordination/v1beta1/types.ts';
import { isConfigMapKey } from '../../../meta/validation/keys.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';

const loadRules = once(() => import('../../../apis/coordination/validation/lease-candidate.ts'));

export const leaseCandidateStrategy: RESTStrategy<LeaseCandidate> = {
  kind: { group: 'coordination.k8s.io', kind: 'LeaseCandidate' },
  namespaced: true,
  validateName: isConfigMapKey,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  validate: async (_context, candidate) => (await loadRules()).validateLeaseCandidate(candidate),
  validateUpdate: async (_context, candidate, old) =>
    (await loadRules()).validateLeaseCandidateUpdate(candidate, old),
};
