import type { KubeObject } from '../../meta/kube-object.ts';
import type { RESTStrategy } from '../../rest/strategy.ts';
import { type BuildResource, groupStorage } from '../generic/group-storage.ts';
import type { RESTStorageConfig, RESTStorageProvider } from '../generic/rest-storage-provider.ts';
import { Store } from '../generic/store.ts';
import { clusterRoleStrategy } from './clusterrole/strategy.ts';
import { clusterRoleBindingStrategy } from './clusterrolebinding/strategy.ts';
import { type EscalationCheck, EscalationCheckedStore, type EscalationChecks } from './escalation-check.ts';
import { roleStrategy } from './role/strategy.ts';
import { roleBindingStrategy } from './rolebinding/strategy.ts';

/** `escalationChecks`: what guards writes; without it whoever may write may grant anything. */
export function createRBACStorage(
  escalationChecks?: (config: RESTStorageConfig) => EscalationChecks,
): RESTStorageProvider {
  const checked =
    <T extends KubeObject>(
      strategy: RESTStrategy<T>,
      checkOf: (checks: EscalationChecks) => EscalationCheck<T>,
    ): BuildResource =>
    (config, resource) => {
      const options = { config, resource, strategy, storageVersion: { ...strategy.kind, version: 'v1' } };
      const checks = escalationChecks?.(config);
      if (checks === undefined) return { '': new Store(options) };
      return { '': new EscalationCheckedStore(options, checkOf(checks)) };
    };
  return groupStorage('rbac.authorization.k8s.io', {
    clusterrolebindings: checked(clusterRoleBindingStrategy, (checks) => checks.clusterRoleBinding),
    clusterroles: checked(clusterRoleStrategy, (checks) => checks.clusterRole),
    rolebindings: checked(roleBindingStrategy, (checks) => checks.roleBinding),
    roles: checked(roleStrategy, (checks) => checks.role),
  });
}
