/** The classes a cluster is born with (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/scheduling/v1/helpers.go). */

import type { PriorityClass } from './v1/types.ts';

/** Above this, priorities are the system's. */
export const HIGHEST_USER_DEFINABLE_PRIORITY = 1_000_000_000;
const SYSTEM_CRITICAL_PRIORITY = 2 * HIGHEST_USER_DEFINABLE_PRIORITY;
export const SYSTEM_PREFIX = 'system-';

export const SYSTEM_PRIORITY_CLASSES: readonly Pick<PriorityClass, 'metadata' | 'value' | 'description'>[] = [
  {
    metadata: { name: 'system-node-critical' },
    value: SYSTEM_CRITICAL_PRIORITY + 1000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    metadata: { name: 'system-cluster-critical' },
    value: SYSTEM_CRITICAL_PRIORITY,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];
