/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/scheduling/validation/validation.go */

import { duplicate, type FieldError, invalid, shownAs } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import type { CompositePodGroupTemplate, PodGroupTemplate, WorkloadSpec } from '../v1beta1/types.ts';

const SPEC = FieldPath.of('spec');
const COMPOSITES = SPEC.child('compositePodGroupTemplates');
/** Maximum number of levels, including that of pod groups. */
const MAX_DEPTH = 4;

type Template = Pick<PodGroupTemplate, 'name' | 'priority' | 'priorityClassName'>;
type Parent = Pick<WorkloadSpec, 'podGroupTemplates' | 'compositePodGroupTemplates'>;

/** Rules between templates at any depth, which types can't declare. */
export function validateWorkloadSpec(spec: WorkloadSpec): FieldError[] {
  const composites = spec.compositePodGroupTemplates ?? [];
  return [
    ...duplicateNames(spec, SPEC, new Set((spec.podGroupTemplates ?? []).map(({ name }) => name))),
    ...composites.flatMap((template, index) =>
      depthOf(template) >= MAX_DEPTH ? tooDeep(COMPOSITES.index(index), template) : [],
    ),
    ...severalPriorities(spec),
    ...composites.flatMap((template, index) => childless(template, COMPOSITES.index(index))),
  ];
}

/** Duplicates within one list are reported by declared rules. */
function duplicateNames(parent: Parent, path: FieldPath, names: Set<string>): FieldError[] {
  const taken = (templates: readonly Template[], at: FieldPath): FieldError[] => {
    const errors = templates.flatMap(({ name }, index) =>
      names.has(name) ? [duplicate(at.index(index).child('name'), name)] : [],
    );
    for (const { name } of templates) names.add(name);
    return errors;
  };
  const composites = parent.compositePodGroupTemplates ?? [];
  const at = path.child('compositePodGroupTemplates');
  return taken(composites, at).concat(
    composites.flatMap((template, index) => [
      ...taken(template.podGroupTemplates ?? [], at.index(index).child('podGroupTemplates')),
      ...duplicateNames(template, at.index(index), names),
    ]),
  );
}

function depthOf({ compositePodGroupTemplates }: CompositePodGroupTemplate): number {
  return 1 + (compositePodGroupTemplates ?? []).reduce((deepest, one) => Math.max(deepest, depthOf(one)), 0);
}

function tooDeep(path: FieldPath, { compositePodGroupTemplates }: CompositePodGroupTemplate): FieldError[] {
  const detail = `maximum template hierarchy depth is ${MAX_DEPTH}`;
  return shownAs('scheduling.CompositePodGroupTemplate', [
    invalid(path, compositePodGroupTemplates ?? null, detail),
  ]);
}

function severalPriorities({ podGroupTemplates, compositePodGroupTemplates }: WorkloadSpec): FieldError[] {
  const below = (template: CompositePodGroupTemplate): Template[] => [
    template,
    ...(template.compositePodGroupTemplates ?? []).flatMap(below),
    ...(template.podGroupTemplates ?? []),
  ];
  const [groups, composites] = [podGroupTemplates ?? [], (compositePodGroupTemplates ?? []).flatMap(below)];
  const first: Template | undefined = groups[0] ?? composites[0];
  const differs = ({ priority, priorityClassName }: Template): boolean =>
    (priorityClassName ?? '') !== (first?.priorityClassName ?? '') ||
    (priority ?? undefined) !== (first?.priority ?? undefined);
  if (groups.some(differs)) return [invalid(SPEC, null, 'detected multiple priority configurations')];
  if (!composites.some(differs)) return [];
  return [
    invalid(
      SPEC,
      null,
      'all priority and priorityClassName values must be identical, detected multiple values',
    ),
  ];
}

function childless(template: CompositePodGroupTemplate, path: FieldPath): FieldError[] {
  const { name, podGroupTemplates = [], compositePodGroupTemplates } = template;
  const composites = compositePodGroupTemplates ?? [];
  const detail = 'must have at least one child PodGroupTemplate or CompositePodGroupTemplate';
  return [
    ...((podGroupTemplates ?? []).length + composites.length === 0 ? [invalid(path, name, detail)] : []),
    ...composites.flatMap((child, index) =>
      childless(child, path.child('compositePodGroupTemplates').index(index)),
    ),
  ];
}
