import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers authentication.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'authentication.k8s.io',
    definitions: 'io.k8s.api.authentication',
    versions: ['v1', 'v1beta1'],
  });
}
