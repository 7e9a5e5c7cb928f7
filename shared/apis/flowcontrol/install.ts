import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import typesV1 from './v1/types.json?text';
import * as v1alpha1 from './v1alpha1/conversion.ts';
import defaultsV1alpha1 from './v1alpha1/defaults.json?text';
import typesV1alpha1 from './v1alpha1/types.json?text';
import * as v1beta1 from './v1beta1/conversion.ts';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import typesV1beta1 from './v1beta1/types.json?text';
import defaultsV1beta2 from './v1beta2/defaults.json?text';
import typesV1beta2 from './v1beta2/types.json?text';
import * as v1beta3 from './v1beta3/conversion.ts';
import defaultsV1beta3 from './v1beta3/defaults.json?text';
import { setPriorityLevelConfigurationDefaults } from './v1beta3/defaults.ts';
import typesV1beta3 from './v1beta3/types.json?text';

const ASSURED_SHARES = {
  toInternal: v1beta1.priorityLevelConfigurationToInternal,
  fromInternal: v1beta1.priorityLevelConfigurationFromInternal,
};

export const flowcontrol: APIGroup = {
  group: 'flowcontrol.apiserver.k8s.io',
  definitions: 'io.k8s.api.flowcontrol',
  priority: 16100,
  versions: {
    v1: { types: typesV1, defaults: defaultsV1, priority: 21 },
    v1beta3: {
      types: typesV1beta3,
      defaults: defaultsV1beta3,
      priority: 18,
      kinds: {
        PriorityLevelConfiguration: {
          toInternal: v1beta3.priorityLevelConfigurationToInternal,
          fromInternal: v1beta3.priorityLevelConfigurationFromInternal,
          defaults: setPriorityLevelConfigurationDefaults,
        },
      },
    },
    v1beta2: {
      types: typesV1beta2,
      defaults: defaultsV1beta2,
      priority: 15,
      kinds: { PriorityLevelConfiguration: ASSURED_SHARES },
    },
    v1beta1: {
      types: typesV1beta1,
      defaults: defaultsV1beta1,
      priority: 12,
      kinds: { PriorityLevelConfiguration: ASSURED_SHARES },
    },
    v1alpha1: {
      types: typesV1alpha1,
      defaults: defaultsV1alpha1,
      priority: 9,
      kinds: {
        PriorityLevelConfiguration: {
          toInternal: v1beta1.priorityLevelConfigurationToInternal,
          fromInternal: v1alpha1.priorityLevelConfigurationFromInternal,
        },
      },
    },
  },
};
