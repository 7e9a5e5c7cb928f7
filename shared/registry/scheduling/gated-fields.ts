import type { PodGroupTemplate, WorkloadSpec } from '../../apis/scheduling/v1beta1/types.ts';
import type { RequestContext } from '../../request/request-context.ts';

type Gates = Pick<RequestContext, 'featureEnabled'>;

/** Topology, resource claims, preemption and parents of groups. */
const GATES = {
  schedulingConstraints: 'TopologyAwareWorkloadScheduling',
  resourceClaims: 'DRAWorkloadResourceClaims',
  preemptionPolicy: 'PodGroupPreemptionPolicy',
  parentCompositePodGroupName: 'CompositePodGroup',
  compositePodGroupTemplates: 'CompositePodGroup',
} as const;

type Gated = { [Field in keyof typeof GATES]?: unknown };

function isUsed(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
}

/** Leaves out those of the fields named whose feature gates are off, unless `old` has them. */
export function dropGatedFields(
  { featureEnabled }: Gates,
  spec: object,
  old: object | undefined,
  fields: readonly (keyof Gated)[],
): void {
  const [given, stored] = [spec as Gated, (old ?? {}) as Gated];
  for (const field of fields) {
    if (!featureEnabled(GATES[field]) && !isUsed(stored[field])) delete given[field];
  }
}

const TEMPLATE = ['schedulingConstraints', 'resourceClaims', 'preemptionPolicy'] as const;
const COMPOSITE = ['preemptionPolicy', 'compositePodGroupTemplates'] as const;

type Templates = Pick<WorkloadSpec, 'podGroupTemplates' | 'compositePodGroupTemplates'>;

/** Upstream finds a group's old template by its place, a composite's by its name. */
function dropFromTemplates(gates: Gates, templates: Templates, old: Templates | undefined): void {
  const [groups, oldGroups] = [templates.podGroupTemplates ?? [], old?.podGroupTemplates ?? []];
  groups.forEach((template: PodGroupTemplate, index) => {
    dropGatedFields(gates, template, oldGroups[index], TEMPLATE);
  });
  for (const template of templates.compositePodGroupTemplates ?? []) {
    const before = old?.compositePodGroupTemplates?.find(({ name }) => name === template.name);
    dropGatedFields(gates, template, before, COMPOSITE);
    dropFromTemplates(gates, template, before);
  }
}

export function dropGatedWorkloadFields(
  gates: Gates,
  spec: WorkloadSpec,
  old: WorkloadSpec | undefined,
): void {
  dropGatedFields(gates, spec, old, ['compositePodGroupTemplates']);
  dropFromTemplates(gates, spec, old);
}

/** The default of a field that has a gate; the table of defaults knows no gates. */
export function setPreemptionPolicyDefault(
  { featureEnabled }: Gates,
  spec: { preemptionPolicy?: unknown },
): void {
  if (featureEnabled('PodGroupPreemptionPolicy')) spec.preemptionPolicy ??= 'PreemptLowerPriority';
}
