import type { APIGroup } from '../install-group.ts';
import typesV1 from './v1/types.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

export const storagemigration: APIGroup = {
  group: 'storagemigration.k8s.io',
  definitions: 'io.k8s.api.storagemigration',
  priority: 15800,
  versions: {
    v1: { types: typesV1, priority: 15 },
    v1beta1: { types: typesV1beta1, priority: 9 },
  },
};
