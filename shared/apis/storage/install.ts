import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers storage.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'storage.k8s.io',
    definitions: 'io.k8s.api.storage',
    versions: ['v1', 'v1beta1', 'v1alpha1'],
  });
}
