import type { NetworkPolicy } from './types.ts';

export function setNetworkPolicyDefaults({ spec }: NetworkPolicy): void {
  if (spec.policyTypes?.length) return;
  spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
}
