import type { ClusterRole } from '../../../apis/rbac/v1/types.ts';
import { validateClusterRole } from '../../../apis/rbac/validation/cluster-role.ts';
import { nameIsPathSegment } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { loadDeclaredRules } from '../declared-rules.ts';

export const clusterRoleStrategy: RESTStrategy<ClusterRole> = {
  kind: { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
  declared: { type: 'ClusterRole', load: loadDeclaredRules },
  namespaced: false,
  validateName: nameIsPathSegment,
  allowCreateOnUpdate: true,
  validate: (_context, role) => validateClusterRole(role),
  validateUpdate: (_context, role, old) => validateClusterRole(role, old),
};
