import type { APIGroup } from '../install-group.ts';
import typesV1 from './v1/types.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

export const admission: APIGroup = {
  group: 'admission.k8s.io',
  definitions: 'io.k8s.api.admission',
  versions: {
    v1: { types: typesV1 },
    v1beta1: { types: typesV1beta1 },
  },
};
