/**
 * Fills aggregated ClusterRoles from the roles that their selectors choose
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go).
 */

import type { ClusterRole, PolicyRule } from '../../apis/rbac/v1/types.ts';
import { labelSelectorAsSelector } from '../../meta/labels.ts';
import { isConflict, isNotFound } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

const CLUSTER_ROLES = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' };

/** Any role may feed any aggregated one: they are looked at together. */
const ALL = 'all';

export class ClusterRoleAggregation implements Controller {
  readonly name = 'clusterrole-aggregation-controller';
  readonly #resources: ResourceAccess;

  constructor(resources: ResourceAccess) {
    this.#resources = resources;
  }

  keysFor({ resource }: Change): string[] {
    return isResource(resource, CLUSTER_ROLES.group, CLUSTER_ROLES.resource) ? [ALL] : [];
  }

  async allKeys(): Promise<string[]> {
    return [ALL];
  }

  async reconcile(): Promise<undefined> {
    const { items } = await this.#resources.lister<ClusterRole>(CLUSTER_ROLES).snapshot(0);
    for (const role of items) {
      if (!role.aggregationRule) continue;
      const rules = aggregate(role, items);
      if (JSON.stringify(rules) === JSON.stringify(role.rules ?? [])) continue;
      const { name, resourceVersion } = role.metadata;
      const patch = { metadata: { resourceVersion }, rules };
      try {
        await this.#resources.client.patch(CLUSTER_ROLES, patch, {
          name: name!,
          patchType: 'application/merge-patch+json',
        });
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error;
      }
    }
    return undefined;
  }
}

/** The rules of all chosen roles, by name, each rule once. */
function aggregate(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const rules = new Map<string, PolicyRule>();
  const byName = [...all].sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const chosen = labelSelectorAsSelector(selector);
    for (const source of byName) {
      if (source.metadata.name === role.metadata.name || !chosen.matches(source.metadata.labels ?? {}))
        continue;
      for (const rule of source.rules ?? []) rules.set(JSON.stringify(rule), rule);
    }
  }
  return [...rules.values()];
}
