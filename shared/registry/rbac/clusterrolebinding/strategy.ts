import type { ClusterRoleBinding } from '../../../apis/rbac/v1/types.ts';
import {
  validateClusterRoleBinding,
  validateRoleRefUpdate,
} from '../../../apis/rbac/validation/role-binding.ts';
import { subjectTerms } from '../../../authz/rbac/subject-terms.ts';
import { nameIsPathSegment } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

export const clusterRoleBindingStrategy: RESTStrategy<ClusterRoleBinding> = {
  kind: { group: 'rbac.authorization.k8s.io', kind: 'ClusterRoleBinding' },
  declared: { type: 'ClusterRoleBinding', load: loadDeclaredRules },
  namespaced: false,
  validateName: nameIsPathSegment,
  allowCreateOnUpdate: true,
  terms: subjectTerms,
  lead: ({ roleRef }) => roleRef.name,
  validate: (_context, binding) => validateClusterRoleBinding(binding),
  validateUpdate: (_context, binding, old) => [
    ...validateClusterRoleBinding(binding),
    ...validateRoleRefUpdate(binding, old),
  ],
};
