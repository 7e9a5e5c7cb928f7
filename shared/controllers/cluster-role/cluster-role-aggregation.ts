/**
 * Fills aggregated ClusterRoles with the rules of the roles they select
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go).
 */

import type { ClusterRole, PolicyRule } from '../../apis/rbac/v1/types.ts';
import { type Labels, labelSelectorAsSelector, type Selector } from '../../meta/labels.ts';
import { isConflict, isNotFound } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { breathe, shouldYield } from '../../util/breathe.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

const CLUSTER_ROLES = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' };

/** Any role may be part of any aggregated one, so all are processed together. */
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
    const sources = [...items].sort(byName);
    for (const role of items) {
      if (!role.aggregationRule) continue;
      const rules = await aggregate(role, sources);
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

const byName = (one: ClusterRole, other: ClusterRole): number =>
  one.metadata.name! < other.metadata.name! ? -1 : 1;

/**
 * The rules of all selected roles without duplicates: ordered by the first selector that matches a role, then by name.
 * `sources` must be sorted by name.
 */
async function aggregate(role: ClusterRole, sources: readonly ClusterRole[]): Promise<PolicyRule[]> {
  const given = role.aggregationRule?.clusterRoleSelectors ?? [];
  const distinct = new Map(given.map((selector) => [JSON.stringify(selector), selector]));
  const selectors: Selector[] = [];
  for (const selector of distinct.values()) {
    await breathe();
    selectors.push(labelSelectorAsSelector(selector));
  }
  const chosen: (readonly [first: number, source: ClusterRole])[] = [];
  for (const source of sources) {
    if (source.metadata.name === role.metadata.name) continue;
    const first = await firstMatch(selectors, source.metadata.labels ?? {});
    if (first >= 0) chosen.push([first, source]);
  }
  const rules = new Map<string, PolicyRule>();
  for (const [, source] of chosen.sort(([one], [other]) => one - other)) {
    await breathe();
    for (const rule of source.rules ?? []) {
      const key = JSON.stringify(rule);
      if (!rules.has(key)) rules.set(key, rule);
    }
  }
  return [...rules.values()];
}

/** -1: none. */
async function firstMatch(selectors: readonly Selector[], labels: Labels): Promise<number> {
  for (const [index, selector] of selectors.entries()) {
    if (shouldYield()) await breathe();
    if (selector.matches(labels)) return index;
  }
  return -1;
}
