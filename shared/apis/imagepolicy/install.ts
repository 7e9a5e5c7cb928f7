import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers imagepolicy.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'imagepolicy.k8s.io',
    definitions: 'io.k8s.api.imagepolicy',
    versions: ['v1alpha1'],
  });
}
