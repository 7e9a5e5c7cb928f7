import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import * as v1beta1 from './v1beta1/conversion.ts';

/** Registers resource.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'resource.k8s.io',
    definitions: 'io.k8s.api.resource',
    versions: ['v1', 'v1beta2', 'v1beta1', 'v1alpha3'],
    kinds: {
      v1beta1: {
        ResourceClaim: {
          toInternal: v1beta1.resourceClaimToInternal,
          fromInternal: v1beta1.resourceClaimFromInternal,
        },
        ResourceClaimTemplate: {
          toInternal: v1beta1.resourceClaimTemplateToInternal,
          fromInternal: v1beta1.resourceClaimTemplateFromInternal,
        },
        ResourceSlice: {
          toInternal: v1beta1.resourceSliceToInternal,
          fromInternal: v1beta1.resourceSliceFromInternal,
        },
      },
    },
  });
}
