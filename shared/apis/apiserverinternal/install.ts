import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers internal.apiserver.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'internal.apiserver.k8s.io',
    definitions: 'io.k8s.api.apiserverinternal',
    versions: ['v1alpha1'],
  });
}
