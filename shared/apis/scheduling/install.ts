import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import * as v1alpha2 from './v1alpha2/conversion.ts';

/** Registers scheduling.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'scheduling.k8s.io',
    definitions: 'io.k8s.api.scheduling',
    versions: ['v1', 'v1beta1', 'v1alpha3', 'v1alpha1', 'v1alpha2'],
    kinds: {
      v1alpha2: {
        PodGroup: { toInternal: v1alpha2.podGroupToInternal, fromInternal: v1alpha2.podGroupFromInternal },
        Workload: { toInternal: v1alpha2.workloadToInternal, fromInternal: v1alpha2.workloadFromInternal },
      },
    },
  });
}
