import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers lifecycle.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'lifecycle.k8s.io',
    definitions: 'io.k8s.api.lifecycle',
    versions: ['v1alpha1'],
  });
}
