import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { ingressFromInternal, ingressToInternal } from '../networking/v1beta1/conversion.ts';

/** Registers extensions: what is left of it is networking.k8s.io's Ingress. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'extensions',
    definitions: 'io.k8s.api.extensions',
    versions: ['v1beta1'],
    kinds: {
      v1beta1: {
        Ingress: {
          toInternal: ingressToInternal,
          fromInternal: ingressFromInternal,
          internalGroup: 'networking.k8s.io',
        },
      },
    },
  });
}
