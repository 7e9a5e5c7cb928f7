import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import typesV1 from './v1/types.json?text';
import defaultsV1alpha1 from './v1alpha1/defaults.json?text';
import typesV1alpha1 from './v1alpha1/types.json?text';
import * as v1alpha2 from './v1alpha2/conversion.ts';
import defaultsV1alpha2 from './v1alpha2/defaults.json?text';
import typesV1alpha2 from './v1alpha2/types.json?text';
import defaultsV1alpha3 from './v1alpha3/defaults.json?text';
import typesV1alpha3 from './v1alpha3/types.json?text';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

export const scheduling: APIGroup = {
  group: 'scheduling.k8s.io',
  definitions: 'io.k8s.api.scheduling',
  priority: 16600,
  versions: {
    v1: { types: typesV1, defaults: defaultsV1, priority: 15 },
    v1beta1: { types: typesV1beta1, defaults: defaultsV1beta1, priority: 9 },
    v1alpha3: { types: typesV1alpha3, defaults: defaultsV1alpha3, priority: 3 },
    v1alpha1: { types: typesV1alpha1, defaults: defaultsV1alpha1, priority: 9 },
    v1alpha2: {
      types: typesV1alpha2,
      defaults: defaultsV1alpha2,
      priority: 2,
      kinds: {
        PodGroup: { toInternal: v1alpha2.podGroupToInternal, fromInternal: v1alpha2.podGroupFromInternal },
        Workload: { toInternal: v1alpha2.workloadToInternal, fromInternal: v1alpha2.workloadFromInternal },
      },
    },
  },
};
