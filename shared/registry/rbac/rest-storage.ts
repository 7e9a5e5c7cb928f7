import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { clusterRoleStrategy } from './clusterrole/strategy.ts';
import { clusterRoleBindingStrategy } from './clusterrolebinding/strategy.ts';
import { roleStrategy } from './role/strategy.ts';
import { roleBindingStrategy } from './rolebinding/strategy.ts';

export const rbacStorage = groupStorage('rbac.authorization.k8s.io', {
  clusterrolebindings: storedResource({ version: 'v1', strategy: clusterRoleBindingStrategy }),
  clusterroles: storedResource({ version: 'v1', strategy: clusterRoleStrategy }),
  rolebindings: storedResource({ version: 'v1', strategy: roleBindingStrategy }),
  roles: storedResource({ version: 'v1', strategy: roleStrategy }),
});
