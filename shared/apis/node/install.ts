import type { APIGroup } from '../install-group.ts';
import typesV1 from './v1/types.json?text';
import { runtimeClassFromInternal, runtimeClassToInternal } from './v1alpha1/conversion.ts';
import typesV1alpha1 from './v1alpha1/types.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

export const node: APIGroup = {
  group: 'node.k8s.io',
  definitions: 'io.k8s.api.node',
  priority: 16300,
  versions: {
    v1: { types: typesV1, priority: 15 },
    v1beta1: { types: typesV1beta1, priority: 9 },
    v1alpha1: {
      types: typesV1alpha1,
      priority: 1,
      kinds: {
        RuntimeClass: { toInternal: runtimeClassToInternal, fromInternal: runtimeClassFromInternal },
      },
    },
  },
};
