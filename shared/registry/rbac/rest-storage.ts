import type { KubeObject } from '../../meta/kube-object.ts';
import type { RESTStrategy } from '../../rest/strategy.ts';
import { withFinalizerRules } from '../generic/finalizer-rules.ts';
import { type BuildResource, groupStorage } from '../generic/group-storage.ts';
import type { RESTStorageConfig, RESTStorageProvider } from '../generic/rest-storage-provider.ts';
import { clusterRoleStrategy } from './clusterrole/strategy.ts';
import { clusterRoleBindingStrategy } from './clusterrolebinding/strategy.ts';
import { type EscalationCheck, EscalationCheckedStore, type EscalationChecks } from './escalation-check.ts';
import { rbacEscalationChecks } from './rbac-escalation-checks.ts';
import { roleStrategy } from './role/strategy.ts';
import { roleBindingStrategy } from './rolebinding/strategy.ts';

/** `escalationChecks` prevents users from granting permissions they lack. */
export function createRBACStorage(
  escalationChecks: (config: RESTStorageConfig) => EscalationChecks = rbacEscalationChecks,
): RESTStorageProvider {
  const checked =
    <T extends KubeObject>(
      strategy: RESTStrategy<T>,
      checkOf: (checks: EscalationChecks) => EscalationCheck<T>,
    ): BuildResource =>
    (config, resource) => {
      const storageVersion = { ...strategy.kind, version: 'v1' };
      const options = { config, resource, strategy: withFinalizerRules(strategy), storageVersion };
      return { '': new EscalationCheckedStore(options, checkOf(escalationChecks(config))) };
    };
  return groupStorage('rbac.authorization.k8s.io', {
    clusterrolebindings: checked(clusterRoleBindingStrategy, (checks) => checks.clusterRoleBinding),
    clusterroles: checked(clusterRoleStrategy, (checks) => checks.clusterRole),
    rolebindings: checked(roleBindingStrategy, (checks) => checks.roleBinding),
    roles: checked(roleStrategy, (checks) => checks.role),
  });
}
