/** The order of groups and their versions in discovery (kube-apiserver's local APIServices). */

import { GROUPS } from '../apis/groups.ts';
import type { APIGroup } from '../apis/install-group.ts';
import type { GroupVersion } from '../runtime/group-version.ts';

export interface GroupVersionPriority {
  readonly groupPriorityMinimum: number;
  readonly versionPriority: number;
}

/** By name. */
const BUILTIN: ReadonlyMap<string, APIGroup> = new Map(GROUPS.map((group) => [group.group, group]));

/** Priorities of groups and versions without one of their own: custom resources. */
const OTHER_GROUPS = 1000;
const OTHER_VERSIONS = 100;

export function groupVersionPriority({ group, version }: GroupVersion): GroupVersionPriority {
  const { priority = OTHER_GROUPS, versions = {} } = BUILTIN.get(group) ?? {};
  const { priority: versionPriority = OTHER_VERSIONS } = Object.hasOwn(versions, version)
    ? versions[version]!
    : {};
  return { groupPriorityMinimum: priority, versionPriority };
}

/** The group of APIServices themselves. */
const FIRST = 'apiregistration.k8s.io';

function rank(group: string): number {
  if (group === FIRST) return Number.POSITIVE_INFINITY;
  return BUILTIN.get(group)?.priority ?? OTHER_GROUPS;
}

export function compareGroups(a: string, b: string): number {
  if (rank(a) !== rank(b)) return rank(b) > rank(a) ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}
