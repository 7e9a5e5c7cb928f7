/** The order in which discovery names groups and their versions (kube-apiserver's local APIServices). */

import type { GroupVersion } from '../runtime/group-version.ts';

export interface GroupVersionPriority {
  readonly groupPriorityMinimum: number;
  readonly versionPriority: number;
}

type Priorities = readonly [group: number, versions: Readonly<Record<string, number>>];

const GROUPS: Readonly<Record<string, Priorities>> = {
  '': [18000, { v1: 1 }],
  extensions: [17900, { v1beta1: 1 }],
  apps: [17800, { v1: 15 }],
  'events.k8s.io': [17750, { v1: 15, v1beta1: 5 }],
  'authentication.k8s.io': [17700, { v1: 15, v1beta1: 9, v1alpha1: 1 }],
  'authorization.k8s.io': [17600, { v1: 15, v1beta1: 9 }],
  autoscaling: [17500, { v2: 30, v1: 15, v2beta1: 9, v2beta2: 1 }],
  batch: [17400, { v1: 15, v1beta1: 9, v2alpha1: 9 }],
  'certificates.k8s.io': [17300, { v1: 15, v1beta1: 9, v1alpha1: 1 }],
  'networking.k8s.io': [17200, { v1: 15, v1beta1: 9 }],
  policy: [17100, { v1: 15, v1beta1: 9 }],
  'rbac.authorization.k8s.io': [17000, { v1: 15, v1beta1: 12, v1alpha1: 9 }],
  'storage.k8s.io': [16800, { v1: 15, v1beta1: 9, v1alpha1: 1 }],
  'apiextensions.k8s.io': [16700, { v1: 15, v1beta1: 9 }],
  'admissionregistration.k8s.io': [16700, { v1: 15, v1beta1: 12, v1alpha1: 9 }],
  'scheduling.k8s.io': [16600, { v1: 15, v1beta1: 9, v1alpha1: 9, v1alpha3: 3, v1alpha2: 2 }],
  'coordination.k8s.io': [16500, { v1: 15, v1beta1: 13, v1alpha2: 12 }],
  'node.k8s.io': [16300, { v1: 15, v1beta1: 9, v1alpha1: 1 }],
  'discovery.k8s.io': [16200, { v1: 15, v1beta1: 12 }],
  'resource.k8s.io': [16200, { v1: 21, v1beta2: 15, v1beta1: 9, v1alpha3: 1 }],
  'flowcontrol.apiserver.k8s.io': [16100, { v1: 21, v1beta3: 18, v1beta2: 15, v1beta1: 12, v1alpha1: 9 }],
  'internal.apiserver.k8s.io': [16000, { v1alpha1: 9 }],
  'storagemigration.k8s.io': [15800, { v1: 15, v1beta1: 9 }],
  'lifecycle.k8s.io': [15700, { v1alpha1: 1 }],
};

/** Of groups and versions that nobody ranked: custom resources'. */
const OTHER_GROUPS = 1000;
const OTHER_VERSIONS = 100;

export function groupVersionPriority({ group, version }: GroupVersion): GroupVersionPriority {
  const [groupPriorityMinimum, versions] = Object.hasOwn(GROUPS, group) ? GROUPS[group]! : [OTHER_GROUPS, {}];
  const versionPriority = Object.hasOwn(versions, version) ? versions[version]! : OTHER_VERSIONS;
  return { groupPriorityMinimum, versionPriority };
}

/** Of the server that lists the others. */
const FIRST = 'apiregistration.k8s.io';

function rank(group: string): number {
  if (group === FIRST) return Number.POSITIVE_INFINITY;
  return Object.hasOwn(GROUPS, group) ? GROUPS[group]![0] : OTHER_GROUPS;
}

export function compareGroups(a: string, b: string): number {
  if (rank(a) !== rank(b)) return rank(b) > rank(a) ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}
