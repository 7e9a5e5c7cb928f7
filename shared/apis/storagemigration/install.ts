import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers storagemigration.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'storagemigration.k8s.io',
    definitions: 'io.k8s.api.storagemigration',
    versions: ['v1', 'v1beta1'],
  });
}
