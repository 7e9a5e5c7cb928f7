import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers apidiscovery.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'apidiscovery.k8s.io',
    definitions: 'io.k8s.api.apidiscovery',
    versions: ['v2', 'v2beta1'],
  });
}
