/** The order in which discovery names groups and their versions (kube-apiserver's local APIServices). */

export interface GroupVersionPriority {
  readonly groupPriorityMinimum: number;
  readonly versionPriority: number;
}

const GROUPS: Readonly<Record<string, number>> = {
  '': 18000,
  extensions: 17900,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'apiextensions.k8s.io': 16700,
  'admissionregistration.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
  'internal.apiserver.k8s.io': 16000,
  'resource.k8s.io': 15900,
  'storagemigration.k8s.io': 15800,
};

/** Groups that nobody ranked: custom resources'. */
const OTHER_GROUPS = 1000;
const OTHER_VERSIONS = 100;
const BEST_VERSION = 15;

/** `rank`: 0 for a group's most preferred version. */
export function groupVersionPriority(group: string, rank: number): GroupVersionPriority {
  const known = Object.hasOwn(GROUPS, group) ? GROUPS[group] : undefined;
  return known === undefined
    ? { groupPriorityMinimum: OTHER_GROUPS, versionPriority: OTHER_VERSIONS }
    : { groupPriorityMinimum: known, versionPriority: Math.max(1, BEST_VERSION - rank) };
}

export function compareGroups(a: string, b: string): number {
  const [first, second] = [groupVersionPriority(a, 0), groupVersionPriority(b, 0)];
  return second.groupPriorityMinimum - first.groupPriorityMinimum || (a < b ? -1 : a > b ? 1 : 0);
}
