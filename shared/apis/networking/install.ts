import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import { setNetworkPolicyDefaults } from './v1/defaults.ts';
import typesV1 from './v1/types.json?text';
import typesV1alpha1 from './v1alpha1/types.json?text';
import { ingressFromInternal, ingressToInternal } from './v1beta1/conversion.ts';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

export const networking: APIGroup = {
  group: 'networking.k8s.io',
  definitions: 'io.k8s.api.networking',
  priority: 17200,
  versions: {
    v1: {
      types: typesV1,
      defaults: defaultsV1,
      priority: 15,
      kinds: { NetworkPolicy: { defaults: setNetworkPolicyDefaults } },
    },
    v1beta1: {
      types: typesV1beta1,
      defaults: defaultsV1beta1,
      priority: 9,
      kinds: { Ingress: { toInternal: ingressToInternal, fromInternal: ingressFromInternal } },
    },
    v1alpha1: { types: typesV1alpha1, priority: 1 },
  },
};
