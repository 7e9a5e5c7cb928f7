/** Resolves role references of bindings among roles that have been read. */

import type { ClusterRole, PolicyRule, Role, RoleRef } from '../../apis/rbac/v1/types.ts';
import { newNotFound } from '../../meta/status-error.ts';
import { quote } from '../../runtime/go-format.ts';
import type { RoleRefResolver } from './policy.ts';

const group = 'rbac.authorization.k8s.io';
const NO_RULES: readonly PolicyRule[] = [];

/** By `namespace/name`. */
export type Roles = ReadonlyMap<string, ClusterRole | Role>;

/** Throws the same errors as upstream's role getters. `bindingNamespace` is '' for cluster role bindings. */
export function resolverAmong(
  clusterRoles: Roles,
  roles: Roles | undefined,
  bindingNamespace: string,
): RoleRefResolver {
  return (roleRef: RoleRef) => {
    const kinds: Record<string, [Roles | undefined, string, string] | undefined> = {
      ClusterRole: [clusterRoles, '', 'clusterrole'],
      Role: [roles, bindingNamespace, 'role'],
    };
    const kind = Object.hasOwn(kinds, roleRef.kind ?? '') ? kinds[roleRef.kind!] : undefined;
    if (kind === undefined) throw new Error(`unsupported role reference kind: ${quote(roleRef.kind ?? '')}`);
    const [index, namespace, resource] = kind;
    const role = index?.get(`${namespace}/${roleRef.name}`);
    if (role === undefined) throw newNotFound({ group, resource }, roleRef.name);
    return role.rules ?? NO_RULES;
  };
}
