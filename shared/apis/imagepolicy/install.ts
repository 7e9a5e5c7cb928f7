import type { APIGroup } from '../install-group.ts';
import typesV1alpha1 from './v1alpha1/types.json?text';

export const imagepolicy: APIGroup = {
  group: 'imagepolicy.k8s.io',
  definitions: 'io.k8s.api.imagepolicy',
  versions: {
    v1alpha1: { types: typesV1alpha1 },
  },
};
