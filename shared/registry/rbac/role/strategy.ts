import type { Role } from '../../../apis/rbac/v1/types.ts';
import { validateRole } from '../../../apis/rbac/validation/role.ts';
import { nameIsPathSegment } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

export const roleStrategy: RESTStrategy<Role> = {
  kind: { group: 'rbac.authorization.k8s.io', kind: 'Role' },
  declared: { type: 'Role', load: loadDeclaredRules },
  namespaced: true,
  validateName: nameIsPathSegment,
  allowCreateOnUpdate: true,
  validate: (_context, role) => validateRole(role),
  validateUpdate: (_context, role) => validateRole(role),
};
