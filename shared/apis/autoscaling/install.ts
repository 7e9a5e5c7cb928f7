import type { APIGroup } from '../install-group.ts';
import * as v1 from './v1/conversion.ts';
import defaultsV1 from './v1/defaults.json?text';
import typesV1 from './v1/types.json?text';
import * as v2 from './v2/conversion.ts';
import defaultsV2 from './v2/defaults.json?text';
import { setHorizontalPodAutoscalerDefaults } from './v2/defaults.ts';
import typesV2 from './v2/types.json?text';
import * as v2beta1 from './v2beta1/conversion.ts';
import defaultsV2beta1 from './v2beta1/defaults.json?text';
import { setHorizontalPodAutoscalerDefaults as setV2beta1Defaults } from './v2beta1/defaults.ts';
import typesV2beta1 from './v2beta1/types.json?text';
import * as v2beta2 from './v2beta2/conversion.ts';
import defaultsV2beta2 from './v2beta2/defaults.json?text';
import typesV2beta2 from './v2beta2/types.json?text';

/** The group autoscaling, whose hub has the form of v2. */
export const autoscaling: APIGroup = {
  group: 'autoscaling',
  definitions: 'io.k8s.api.autoscaling',
  priority: 17500,
  versions: {
    v2: {
      types: typesV2,
      defaults: defaultsV2,
      priority: 30,
      kinds: {
        HorizontalPodAutoscaler: {
          toInternal: v2.convertHorizontalPodAutoscaler,
          fromInternal: v2.convertHorizontalPodAutoscaler,
          defaults: setHorizontalPodAutoscalerDefaults,
        },
      },
    },
    v1: {
      types: typesV1,
      defaults: defaultsV1,
      priority: 15,
      kinds: {
        HorizontalPodAutoscaler: {
          toInternal: v1.horizontalPodAutoscalerToInternal,
          fromInternal: v1.horizontalPodAutoscalerFromInternal,
        },
      },
    },
    v2beta2: {
      types: typesV2beta2,
      defaults: defaultsV2beta2,
      priority: 1,
      kinds: {
        HorizontalPodAutoscaler: {
          toInternal: v2beta2.horizontalPodAutoscalerToInternal,
          fromInternal: v2beta2.horizontalPodAutoscalerFromInternal,
          defaults: setHorizontalPodAutoscalerDefaults,
        },
      },
    },
    v2beta1: {
      types: typesV2beta1,
      defaults: defaultsV2beta1,
      priority: 9,
      kinds: {
        HorizontalPodAutoscaler: {
          toInternal: v2beta1.horizontalPodAutoscalerToInternal,
          fromInternal: v2beta1.horizontalPodAutoscalerFromInternal,
          defaults: setV2beta1Defaults,
        },
      },
    },
  },
};
