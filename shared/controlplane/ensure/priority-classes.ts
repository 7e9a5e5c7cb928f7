import type { PriorityClass } from '../../apis/scheduling/v1/types.ts';
import type { EnsureStep } from '../ensure-step.ts';
import { ensureObjects } from './ensure-objects.ts';

const PRIORITY_CLASSES = { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses' };
/** User-defined priorities end here; the system's lie above. */
const HIGHEST_USER_DEFINABLE_PRIORITY = 1_000_000_000;
const SYSTEM_CRITICAL_PRIORITY = 2 * HIGHEST_USER_DEFINABLE_PRIORITY;

const systemClass = (name: string, value: number, description: string): PriorityClass => ({
  kind: 'PriorityClass',
  apiVersion: 'scheduling.k8s.io/v1',
  metadata: { name },
  value,
  description,
});

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/scheduling/v1/helpers.go */
export const systemPriorityClasses: EnsureStep = {
  name: 'scheduling/bootstrap-system-priority-classes',
  run: (resources) =>
    ensureObjects(resources, PRIORITY_CLASSES, [
      systemClass(
        'system-node-critical',
        SYSTEM_CRITICAL_PRIORITY + 1000,
        'Used for system critical pods that must not be moved from their current node.',
      ),
      systemClass(
        'system-cluster-critical',
        SYSTEM_CRITICAL_PRIORITY,
        'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
      ),
    ]),
};
