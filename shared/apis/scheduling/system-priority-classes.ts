/**
 * The priority classes created at bootstrap
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/scheduling/v1/helpers.go).
 */

import type { PriorityClass } from './v1/types.ts';

/** Higher priorities are reserved for the system. */
export const HIGHEST_USER_DEFINABLE_PRIORITY = 1_000_000_000;
const SYSTEM_CRITICAL_PRIORITY = 2 * HIGHEST_USER_DEFINABLE_PRIORITY;
export const SYSTEM_PREFIX = 'system-';
const TYPE = { kind: 'PriorityClass', apiVersion: 'scheduling.k8s.io/v1' };

export const SYSTEM_PRIORITY_CLASSES: readonly PriorityClass[] = [
  {
    ...TYPE,
    metadata: { name: 'system-node-critical' },
    value: SYSTEM_CRITICAL_PRIORITY + 1000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    ...TYPE,
    metadata: { name: 'system-cluster-critical' },
    value: SYSTEM_CRITICAL_PRIORITY,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];
