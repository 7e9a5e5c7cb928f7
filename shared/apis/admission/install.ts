import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers admission.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'admission.k8s.io',
    definitions: 'io.k8s.api.admission',
    versions: ['v1', 'v1beta1'],
  });
}
