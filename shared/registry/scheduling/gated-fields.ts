import type { PodGroupSpec, PodGroupTemplate } from '../../apis/scheduling/v1alpha2/types.ts';
import type { RequestContext } from '../../request/request-context.ts';

type Gates = Pick<RequestContext, 'featureEnabled'>;

/** Topology, resource claims and preemption of whole groups. */
const GATES = {
  schedulingConstraints: 'TopologyAwareWorkloadScheduling',
  resourceClaims: 'DRAWorkloadResourceClaims',
  disruptionMode: 'WorkloadAwarePreemption',
  priorityClassName: 'WorkloadAwarePreemption',
  priority: 'WorkloadAwarePreemption',
} as const;

/** Fields whose feature gates are off. */
export function dropGatedFields({ featureEnabled }: Gates, fields: PodGroupSpec | PodGroupTemplate): void {
  for (const [field, gate] of Object.entries(GATES)) {
    if (!featureEnabled(gate)) delete fields[field as keyof typeof GATES];
  }
}

/** Of templates the constraints have no `omitempty`: that there are none is written, and compared. */
export function dropGatedTemplateFields(gates: Gates, template: PodGroupTemplate): void {
  const isWritten = Object.hasOwn(template, 'schedulingConstraints');
  dropGatedFields(gates, template);
  if (isWritten) template.schedulingConstraints ??= null as never;
}
