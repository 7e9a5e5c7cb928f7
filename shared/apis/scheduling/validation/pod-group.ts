/**
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/scheduling/validation/validation.go and the rules that
 * the types of v1alpha2 declare
 */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, invalidEach, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import { immutableError, validateUnion } from '../../../meta/validation/declarative.ts';
import { isDNS1123Label, isDNS1123Subdomain, type NameRule } from '../../../meta/validation/names.ts';
import type { PodGroup, PodGroupTemplateReference } from '../v1alpha2/types.ts';
import { validateSchedulingPolicy } from './scheduling-policy.ts';

const TEMPLATE_REF = FieldPath.of('spec', 'podGroupTemplateRef');
const POLICY = FieldPath.of('spec', 'schedulingPolicy');
const CONDITIONS = FieldPath.of('status', 'conditions');

export function validatePodGroup({ spec }: PodGroup): FieldError[] {
  const { podGroupTemplateRef, schedulingPolicy } = spec;
  return [
    ...(podGroupTemplateRef ? validateTemplateRef(podGroupTemplateRef) : []),
    ...validateSchedulingPolicy(schedulingPolicy, POLICY),
  ];
}

export function validatePodGroupUpdate({ spec }: PodGroup, { spec: old }: PodGroup): FieldError[] {
  return [
    ...(semanticDeepEqual(spec.podGroupTemplateRef, old.podGroupTemplateRef)
      ? []
      : [immutableError(TEMPLATE_REF)]),
    ...(semanticDeepEqual(spec.schedulingPolicy, old.schedulingPolicy) ? [] : [immutableError(POLICY)]),
  ];
}

export const validatePodGroupStatusUpdate = ({ status }: PodGroup): FieldError[] =>
  validateConditions(status.conditions, CONDITIONS);

function validateTemplateRef(reference: PodGroupTemplateReference): FieldError[] {
  const errors = validateUnion(reference, ['workload'], TEMPLATE_REF);
  if (!reference.workload) return errors;
  const path = TEMPLATE_REF.child('workload');
  const { workloadName, podGroupTemplateName } = reference.workload;
  return [
    ...errors,
    ...validateRequiredName(workloadName, path.child('workloadName'), isDNS1123Subdomain),
    ...validateRequiredName(podGroupTemplateName, path.child('podGroupTemplateName'), isDNS1123Label),
  ];
}

export function validateRequiredName(
  name: string,
  path: FieldPath,
  rule: (name: string) => ReturnType<NameRule>,
): FieldError[] {
  return name === '' ? [required(path, '')] : invalidEach(path, name, rule(name));
}
