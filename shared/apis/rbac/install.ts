import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { bindingFromInternal, bindingToInternal } from './v1alpha1/conversion.ts';

const BINDING = { toInternal: bindingToInternal, fromInternal: bindingFromInternal };

/** Registers rbac.authorization.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'rbac.authorization.k8s.io',
    definitions: 'io.k8s.api.rbac',
    versions: ['v1', 'v1beta1', 'v1alpha1'],
    kinds: { v1alpha1: { RoleBinding: BINDING, ClusterRoleBinding: BINDING } },
  });
}
