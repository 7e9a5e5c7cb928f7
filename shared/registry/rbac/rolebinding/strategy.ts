import type { RoleBinding } from '../../../apis/rbac/v1/types.ts';
import { validateRoleBinding, validateRoleRefUpdate } from '../../../apis/rbac/validation/role-binding.ts';
import { nameIsPathSegment } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

export const roleBindingStrategy: RESTStrategy<RoleBinding> = {
  kind: { group: 'rbac.authorization.k8s.io', kind: 'RoleBinding' },
  declared: { type: 'RoleBinding', load: loadDeclaredRules },
  namespaced: true,
  validateName: nameIsPathSegment,
  allowCreateOnUpdate: true,
  validate: (_context, binding) => validateRoleBinding(binding),
  validateUpdate: (_context, binding, old) => [
    ...validateRoleBinding(binding),
    ...validateRoleRefUpdate(binding, old),
  ],
};
