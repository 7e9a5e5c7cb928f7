import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import typesV1 from './v1/types.json?text';
import typesV1alpha1 from './v1alpha1/types.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

export const authentication: APIGroup = {
  group: 'authentication.k8s.io',
  definitions: 'io.k8s.api.authentication',
  priority: 17700,
  versions: {
    v1: { types: typesV1, defaults: defaultsV1, priority: 15 },
    v1beta1: { types: typesV1beta1, priority: 9 },
    v1alpha1: { types: typesV1alpha1, priority: 1 },
  },
};
