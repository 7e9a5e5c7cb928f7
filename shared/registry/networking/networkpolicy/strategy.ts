import type { NetworkPolicy } from '../../../apis/networking/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { warningsForCIDR } from '../../../meta/validation/ip.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

const loadRules = once(() => import('../../../apis/networking/validation/network-policy.ts'));

export const networkPolicyStrategy: RESTStrategy<NetworkPolicy> = {
  kind: { group: 'networking.k8s.io', kind: 'NetworkPolicy' },
  declared: { type: 'NetworkPolicy', load: loadDeclaredRules },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(_context, object) {
    object.metadata.generation = 1;
  },
  validate: async (_context, policy) => (await loadRules()).validateNetworkPolicy(policy),
  warningsOnCreate: (_context, policy) => warnings(policy),
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (_context, policy, old) => (await loadRules()).validateNetworkPolicy(policy, old),
  warningsOnUpdate: (_context, policy) => warnings(policy),
};

async function warnings(policy: NetworkPolicy): Promise<string[]> {
  const { networkPolicyCIDRs } = await loadRules();
  return networkPolicyCIDRs(policy).flatMap(({ cidr, path }) => warningsForCIDR(path, cidr));
}
