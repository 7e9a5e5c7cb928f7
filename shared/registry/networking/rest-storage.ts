import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { ingressStatusStrategy, ingressStrategy } from './ingress/strategy.ts';
import { ingressClassStrategy } from './ingressclass/strategy.ts';
import { ipAddressStrategy } from './ipaddress/strategy.ts';
import { networkPolicyStrategy } from './networkpolicy/strategy.ts';
import { serviceCIDRStatusStrategy, serviceCIDRStrategy } from './servicecidr/strategy.ts';

export const networkingStorage = groupStorage('networking.k8s.io', {
  ingressclasses: storedResource({ version: 'v1', strategy: ingressClassStrategy }),
  ingresses: storedResource({ version: 'v1', strategy: ingressStrategy, status: ingressStatusStrategy }),
  ipaddresses: storedResource({ version: 'v1', strategy: ipAddressStrategy }),
  networkpolicies: storedResource({ version: 'v1', strategy: networkPolicyStrategy }),
  servicecidrs: storedResource({
    version: 'v1',
    strategy: serviceCIDRStrategy,
    status: serviceCIDRStatusStrategy,
  }),
});
