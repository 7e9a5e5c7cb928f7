import type { APIGroup } from '../install-group.ts';
import typesV1 from './v1/types.json?text';
import typesV1alpha2 from './v1alpha2/types.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

export const coordination: APIGroup = {
  group: 'coordination.k8s.io',
  definitions: 'io.k8s.api.coordination',
  priority: 16500,
  versions: {
    v1: { types: typesV1, priority: 15 },
    v1beta1: { types: typesV1beta1, priority: 13 },
    v1alpha2: { types: typesV1alpha2, priority: 12 },
  },
};
