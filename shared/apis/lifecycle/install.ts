import type { APIGroup } from '../install-group.ts';
import typesV1alpha1 from './v1alpha1/types.json?text';

export const lifecycle: APIGroup = {
  group: 'lifecycle.k8s.io',
  definitions: 'io.k8s.api.lifecycle',
  priority: 15700,
  versions: {
    v1alpha1: { types: typesV1alpha1, priority: 1 },
  },
};
