import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { setNetworkPolicyDefaults } from './v1/defaults.ts';
import { ingressFromInternal, ingressToInternal } from './v1beta1/conversion.ts';

/** Registers networking.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'networking.k8s.io',
    definitions: 'io.k8s.api.networking',
    versions: ['v1', 'v1beta1'],
    kinds: {
      v1: { NetworkPolicy: { defaults: setNetworkPolicyDefaults } },
      v1beta1: { Ingress: { toInternal: ingressToInternal, fromInternal: ingressFromInternal } },
    },
  });
}
