import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import * as v1alpha1 from './v1alpha1/conversion.ts';
import * as v1beta1 from './v1beta1/conversion.ts';

/** Registers flowcontrol.apiserver.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'flowcontrol.apiserver.k8s.io',
    definitions: 'io.k8s.api.flowcontrol',
    versions: ['v1', 'v1beta1', 'v1alpha1'],
    kinds: {
      v1beta1: {
        PriorityLevelConfiguration: {
          toInternal: v1beta1.priorityLevelConfigurationToInternal,
          fromInternal: v1beta1.priorityLevelConfigurationFromInternal,
        },
      },
      v1alpha1: {
        PriorityLevelConfiguration: {
          toInternal: v1beta1.priorityLevelConfigurationToInternal,
          fromInternal: v1alpha1.priorityLevelConfigurationFromInternal,
        },
      },
    },
  });
}
