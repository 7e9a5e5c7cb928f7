import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers scheduling.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'scheduling.k8s.io',
    definitions: 'io.k8s.api.scheduling',
    versions: ['v1', 'v1beta1', 'v1alpha1', 'v1alpha2'],
  });
}
