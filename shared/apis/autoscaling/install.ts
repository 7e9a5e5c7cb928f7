import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import * as v1 from './v1/conversion.ts';
import * as v2 from './v2/conversion.ts';
import { setHorizontalPodAutoscalerDefaults } from './v2/defaults.ts';
import * as v2beta1 from './v2beta1/conversion.ts';
import { setHorizontalPodAutoscalerDefaults as setV2beta1Defaults } from './v2beta1/defaults.ts';
import * as v2beta2 from './v2beta2/conversion.ts';

/** Registers autoscaling; the hub has v2's shape. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'autoscaling',
    definitions: 'io.k8s.api.autoscaling',
    versions: ['v2', 'v1', 'v2beta2', 'v2beta1'],
    kinds: {
      v2: {
        HorizontalPodAutoscaler: {
          toInternal: v2.convertHorizontalPodAutoscaler,
          fromInternal: v2.convertHorizontalPodAutoscaler,
          defaults: setHorizontalPodAutoscalerDefaults,
        },
      },
      v1: {
        HorizontalPodAutoscaler: {
          toInternal: v1.horizontalPodAutoscalerToInternal,
          fromInternal: v1.horizontalPodAutoscalerFromInternal,
        },
      },
      v2beta2: {
        HorizontalPodAutoscaler: {
          toInternal: v2beta2.horizontalPodAutoscalerToInternal,
          fromInternal: v2beta2.horizontalPodAutoscalerFromInternal,
          defaults: setHorizontalPodAutoscalerDefaults,
        },
      },
      v2beta1: {
        HorizontalPodAutoscaler: {
          toInternal: v2beta1.horizontalPodAutoscalerToInternal,
          fromInternal: v2beta1.horizontalPodAutoscalerFromInternal,
          defaults: setV2beta1Defaults,
        },
      },
    },
  });
}
