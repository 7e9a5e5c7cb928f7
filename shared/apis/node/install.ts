import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { runtimeClassFromInternal, runtimeClassToInternal } from './v1alpha1/conversion.ts';

/** Registers node.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'node.k8s.io',
    definitions: 'io.k8s.api.node',
    versions: ['v1', 'v1beta1', 'v1alpha1'],
    kinds: {
      v1alpha1: {
        RuntimeClass: { toInternal: runtimeClassToInternal, fromInternal: runtimeClassFromInternal },
      },
    },
  });
}
