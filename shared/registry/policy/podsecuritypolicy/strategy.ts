import type { PodSecurityPolicy } from '../../../apis/policy/v1beta1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';

const loadRules = once(() => import('../../../apis/policy/validation/pod-security-policy.ts'));

export const podSecurityPolicyStrategy: RESTStrategy<PodSecurityPolicy> = {
  kind: { group: 'policy', kind: 'PodSecurityPolicy' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  validate: async (_context, policy) => (await loadRules()).validatePodSecurityPolicy(policy),
  validateUpdate: async (_context, policy) => (await loadRules()).validatePodSecurityPolicy(policy),
};
