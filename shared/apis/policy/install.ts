import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import * as v1 from './v1/conversion.ts';
import * as v1beta1 from './v1beta1/conversion.ts';

/** Registers policy. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'policy',
    definitions: 'io.k8s.api.policy',
    versions: ['v1', 'v1beta1'],
    kinds: {
      v1: { PodDisruptionBudget: { toInternal: v1.podDisruptionBudgetToInternal } },
      v1beta1: {
        PodDisruptionBudget: {
          toInternal: v1beta1.podDisruptionBudgetToInternal,
          fromInternal: v1beta1.podDisruptionBudgetFromInternal,
        },
      },
    },
  });
}
