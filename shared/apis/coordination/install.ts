import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers coordination.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'coordination.k8s.io',
    definitions: 'io.k8s.api.coordination',
    versions: ['v1', 'v1beta1', 'v1alpha2'],
  });
}
