import type { APIGroup } from '../install-group.ts';
import * as v1 from './v1/conversion.ts';
import typesV1 from './v1/types.json?text';
import * as v1beta1 from './v1beta1/conversion.ts';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

export const policy: APIGroup = {
  group: 'policy',
  definitions: 'io.k8s.api.policy',
  priority: 17100,
  versions: {
    v1: {
      types: typesV1,
      priority: 15,
      kinds: { PodDisruptionBudget: { toInternal: v1.podDisruptionBudgetToInternal } },
    },
    v1beta1: {
      types: typesV1beta1,
      defaults: defaultsV1beta1,
      priority: 9,
      kinds: {
        PodDisruptionBudget: {
          toInternal: v1beta1.podDisruptionBudgetToInternal,
          fromInternal: v1beta1.podDisruptionBudgetFromInternal,
        },
      },
    },
  },
};
