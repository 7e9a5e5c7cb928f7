import type { ResourceAccess } from '../../rest/resource-access.ts';
import { type RBACListers, RBACRuleResolver } from './rule-resolver.ts';

export function rbacListers(resources: ResourceAccess): RBACListers {
  const group = 'rbac.authorization.k8s.io';
  return {
    roles: resources.lister({ group, resource: 'roles' }),
    roleBindings: resources.lister({ group, resource: 'rolebindings' }),
    clusterRoles: resources.lister({ group, resource: 'clusterroles' }),
    clusterRoleBindings: resources.lister({ group, resource: 'clusterrolebindings' }),
  };
}

const resolvers = new WeakMap<ResourceAccess, RBACRuleResolver>();

/** Returns one resolver per API server, so that the authorizer and the escalation checks share compiled policies. */
export function rbacRuleResolver(resources: ResourceAccess): RBACRuleResolver {
  let resolver = resolvers.get(resources);
  if (resolver === undefined) {
    resolver = new RBACRuleResolver(rbacListers(resources));
    resolvers.set(resources, resolver);
  }
  return resolver;
}
