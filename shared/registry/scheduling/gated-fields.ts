import { dropGatedPaths, type GatedPaths } from '../../apis/gated-paths.ts';
import type { PodGroupTemplate, WorkloadSpec } from '../../apis/scheduling/v1beta1/types.ts';
import type { RequestContext } from '../../request/request-context.ts';

type Gates = Pick<RequestContext, 'featureEnabled'>;

const TEMPLATE: GatedPaths = {
  DRAWorkloadResourceClaims: ['resourceClaims'],
  PodGroupPreemptionPolicy: ['preemptionPolicy'],
  TopologyAwareWorkloadScheduling: ['schedulingConstraints'],
};
const COMPOSITES: GatedPaths = { CompositePodGroup: ['compositePodGroupTemplates'] };
const COMPOSITE: GatedPaths = { PodGroupPreemptionPolicy: ['preemptionPolicy'], ...COMPOSITES };

type Templates = Pick<WorkloadSpec, 'podGroupTemplates' | 'compositePodGroupTemplates'>;

/** Upstream matches old templates of groups by index and those of composites by name. */
function dropFromTemplates(gates: Gates, templates: Templates, old: Templates | undefined): void {
  const [groups, oldGroups] = [templates.podGroupTemplates ?? [], old?.podGroupTemplates ?? []];
  groups.forEach((template: PodGroupTemplate, index) => {
    dropGatedPaths(gates, TEMPLATE, template, oldGroups[index]);
  });
  for (const template of templates.compositePodGroupTemplates ?? []) {
    const before = old?.compositePodGroupTemplates?.find(({ name }) => name === template.name);
    dropGatedPaths(gates, COMPOSITE, template, before);
    dropFromTemplates(gates, template, before);
  }
}

export function dropGatedWorkloadFields(
  gates: Gates,
  spec: WorkloadSpec,
  old: WorkloadSpec | undefined,
): void {
  dropGatedPaths(gates, COMPOSITES, spec, old);
  dropFromTemplates(gates, spec, old);
}
