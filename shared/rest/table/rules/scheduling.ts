/** Cells of groups of pods (upstream's printPodGroup and printCompositePodGroup). */

import type { PodGroup } from '../../../apis/scheduling/v1beta1/types.ts';
import { rule } from '../cell.ts';

function statusText({ status }: PodGroup): string {
  const conditions = new Map((status?.conditions ?? []).map((condition) => [condition.type, condition]));
  const disruption = conditions.get('DisruptionTarget');
  if (disruption !== undefined) return disruption.reason;
  const scheduled = conditions.get('PodGroupInitiallyScheduled');
  if (scheduled === undefined) return 'Pending';
  return scheduled.status === 'True' ? 'Scheduled' : 'Unschedulable';
}

export const schedulingRules = {
  'podGroup.policy': rule<PodGroup>(({ spec }) => (spec.schedulingPolicy?.gang ? 'Gang' : 'Basic')),
  'podGroup.status': rule<PodGroup>(statusText),
};
