import type { PodGroupSpec, PodGroupTemplate } from '../../apis/scheduling/v1alpha2/types.ts';

/** Fields whose feature gates (topology, resource claims and preemption of whole groups) are off. */
export function dropGatedFields(fields: PodGroupSpec | PodGroupTemplate): void {
  delete fields.schedulingConstraints;
  delete fields.resourceClaims;
  delete fields.disruptionMode;
  delete fields.priorityClassName;
  delete fields.priority;
}

/** Of templates the constraints have no `omitempty`: that there are none is written, and compared. */
export function dropGatedTemplateFields(template: PodGroupTemplate): void {
  const isWritten = Object.hasOwn(template, 'schedulingConstraints');
  dropGatedFields(template);
  if (isWritten) Object.assign(template, { schedulingConstraints: null });
}
