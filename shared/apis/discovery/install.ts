import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import typesV1 from './v1/types.json?text';
import { endpointSliceFromInternal, endpointSliceToInternal } from './v1beta1/conversion.ts';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

export const discovery: APIGroup = {
  group: 'discovery.k8s.io',
  definitions: 'io.k8s.api.discovery',
  priority: 16200,
  versions: {
    v1: { types: typesV1, defaults: defaultsV1, priority: 15 },
    v1beta1: {
      types: typesV1beta1,
      defaults: defaultsV1beta1,
      priority: 12,
      kinds: {
        EndpointSlice: { toInternal: endpointSliceToInternal, fromInternal: endpointSliceFromInternal },
      },
    },
  },
};
