import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { endpointSliceFromInternal, endpointSliceToInternal } from './v1beta1/conversion.ts';

/** Registers discovery.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'discovery.k8s.io',
    definitions: 'io.k8s.api.discovery',
    versions: ['v1', 'v1beta1'],
    kinds: {
      v1beta1: {
        EndpointSlice: { toInternal: endpointSliceToInternal, fromInternal: endpointSliceFromInternal },
      },
    },
  });
}
