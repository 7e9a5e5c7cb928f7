/**
 * The roles and bindings that every cluster starts with
 * (https://github.com/kubernetes/kubernetes/tree/master/plugin/pkg/auth/authorizer/rbac/bootstrappolicy).
 */

import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../../apis/rbac/v1/types.ts';
import text from './policy.json?raw';

export const AUTOUPDATE_ANNOTATION = 'rbac.authorization.kubernetes.io/autoupdate';

export interface BootstrapPolicy {
  readonly clusterRoles: readonly ClusterRole[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
  readonly roles: readonly Role[];
  readonly roleBindings: readonly RoleBinding[];
}

interface Entry extends Omit<ClusterRole & ClusterRoleBinding, 'metadata' | 'kind' | 'apiVersion'> {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
}

function object(kind: string, { name, namespace, labels, ...rest }: Entry) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
      annotations: { [AUTOUPDATE_ANNOTATION]: 'true' },
    },
    ...rest,
  };
}

/** A value of its own on every call. */
export function bootstrapPolicy(): BootstrapPolicy {
  const table = JSON.parse(text) as Record<keyof BootstrapPolicy, readonly Entry[]>;
  const all = (kind: string, entries: readonly Entry[]) => entries.map((entry) => object(kind, entry));
  return {
    clusterRoles: all('ClusterRole', table.clusterRoles),
    clusterRoleBindings: all('ClusterRoleBinding', table.clusterRoleBindings),
    roles: all('Role', table.roles),
    roleBindings: all('RoleBinding', table.roleBindings),
  };
}
