import type { KubeObject } from '../../meta/kube-object.ts';
import type { ResourceAccess, ResourceLister } from '../../rest/resource-access.ts';
import { type RBACListers, RBACRuleResolver } from './rule-resolver.ts';

/** Finds its lister when it's first read: the server that holds it is built around this. */
function lazyLister<T extends KubeObject>(resources: ResourceAccess, resource: string): ResourceLister<T> {
  const lister = () => resources.lister<T>({ group: 'rbac.authorization.k8s.io', resource });
  return {
    snapshot: async (maxStalenessMs) => lister().snapshot(maxStalenessMs),
    get: async (namespace, name, maxStalenessMs) => lister().get(namespace, name, maxStalenessMs),
    list: async (namespace, maxStalenessMs) => lister().list(namespace, maxStalenessMs),
  };
}

export function rbacListers(resources: ResourceAccess): RBACListers {
  return {
    roles: lazyLister(resources, 'roles'),
    roleBindings: lazyLister(resources, 'rolebindings'),
    clusterRoles: lazyLister(resources, 'clusterroles'),
    clusterRoleBindings: lazyLister(resources, 'clusterrolebindings'),
  };
}

const resolvers = new WeakMap<ResourceAccess, RBACRuleResolver>();

/** One per API server, so that the authorizer and the escalation checks compile policies once. */
export function rbacRuleResolver(resources: ResourceAccess): RBACRuleResolver {
  let resolver = resolvers.get(resources);
  if (resolver === undefined) {
    resolver = new RBACRuleResolver(rbacListers(resources));
    resolvers.set(resources, resolver);
  }
  return resolver;
}
