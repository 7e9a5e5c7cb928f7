import type { APIGroup } from '../install-group.ts';
import { ingressFromInternal, ingressToInternal } from '../networking/v1beta1/conversion.ts';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

/** The group extensions, of which only networking.k8s.io's Ingress is left. */
export const extensions: APIGroup = {
  group: 'extensions',
  definitions: 'io.k8s.api.extensions',
  priority: 17900,
  versions: {
    v1beta1: {
      types: typesV1beta1,
      defaults: defaultsV1beta1,
      priority: 1,
      kinds: {
        Ingress: {
          toInternal: ingressToInternal,
          fromInternal: ingressFromInternal,
          internalGroup: 'networking.k8s.io',
        },
      },
    },
  },
};
