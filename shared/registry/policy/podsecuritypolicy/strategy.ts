import type { PodSecurityPolicy } from '../../../apis/policy/v1beta1/types.ts';
import { validatePodSecurityPolicy } from '../../../apis/policy/validation/pod-security-policy.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const podSecurityPolicyStrategy: RESTStrategy<PodSecurityPolicy> = {
  kind: { group: 'policy', kind: 'PodSecurityPolicy' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  validate: (_context, policy) => validatePodSecurityPolicy(policy),
  validateUpdate: (_context, policy) => validatePodSecurityPolicy(policy),
};
