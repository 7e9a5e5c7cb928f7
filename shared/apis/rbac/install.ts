import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import { setBindingDefaults } from './v1/defaults.ts';
import typesV1 from './v1/types.json?text';
import { bindingFromInternal, bindingToInternal } from './v1alpha1/conversion.ts';
import defaultsV1alpha1 from './v1alpha1/defaults.json?text';
import { setBindingDefaults as setV1alpha1BindingDefaults } from './v1alpha1/defaults.ts';
import typesV1alpha1 from './v1alpha1/types.json?text';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import typesV1beta1 from './v1beta1/types.json?text';

const BINDING = { defaults: setBindingDefaults };
const V1ALPHA1_BINDING = {
  toInternal: bindingToInternal,
  fromInternal: bindingFromInternal,
  defaults: setV1alpha1BindingDefaults,
};

export const rbac: APIGroup = {
  group: 'rbac.authorization.k8s.io',
  definitions: 'io.k8s.api.rbac',
  priority: 17000,
  versions: {
    v1: {
      types: typesV1,
      defaults: defaultsV1,
      priority: 15,
      kinds: { RoleBinding: BINDING, ClusterRoleBinding: BINDING },
    },
    v1beta1: {
      types: typesV1beta1,
      defaults: defaultsV1beta1,
      priority: 12,
      kinds: { RoleBinding: BINDING, ClusterRoleBinding: BINDING },
    },
    v1alpha1: {
      types: typesV1alpha1,
      defaults: defaultsV1alpha1,
      priority: 9,
      kinds: { RoleBinding: V1ALPHA1_BINDING, ClusterRoleBinding: V1ALPHA1_BINDING },
    },
  },
};
