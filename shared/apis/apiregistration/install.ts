import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';

/** Registers apiregistration.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'apiregistration.k8s.io',
    definitions: 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
    versions: ['v1', 'v1beta1'],
  });
}
