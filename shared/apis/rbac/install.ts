import type { Scheme } from '../../runtime/scheme.ts';
import { installGroup } from '../install-group.ts';
import { setBindingDefaults } from './v1/defaults.ts';
import { bindingFromInternal, bindingToInternal } from './v1alpha1/conversion.ts';
import { setBindingDefaults as setV1alpha1BindingDefaults } from './v1alpha1/defaults.ts';

const BINDING = { defaults: setBindingDefaults };
const V1ALPHA1_BINDING = {
  toInternal: bindingToInternal,
  fromInternal: bindingFromInternal,
  defaults: setV1alpha1BindingDefaults,
};

/** Registers rbac.authorization.k8s.io. */
export function install(scheme: Scheme): void {
  installGroup(scheme, {
    group: 'rbac.authorization.k8s.io',
    definitions: 'io.k8s.api.rbac',
    versions: ['v1', 'v1beta1', 'v1alpha1'],
    kinds: {
      v1: { RoleBinding: BINDING, ClusterRoleBinding: BINDING },
      v1beta1: { RoleBinding: BINDING, ClusterRoleBinding: BINDING },
      v1alpha1: { RoleBinding: V1ALPHA1_BINDING, ClusterRoleBinding: V1ALPHA1_BINDING },
    },
  });
}
