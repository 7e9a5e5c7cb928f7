/** The rules that the types of v1alpha2 declare. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { duplicate, type FieldError, invalidEach, required, tooMany } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { immutableError } from '../../../meta/validation/declarative.ts';
import { isDNS1123Label, isDNS1123Subdomain, isPathSegmentName } from '../../../meta/validation/names.ts';
import type { PodGroupTemplate, TypedLocalObjectReference, Workload } from '../v1alpha2/types.ts';
import { validateRequiredName } from './pod-group.ts';
import { validateSchedulingPolicy } from './scheduling-policy.ts';

const CONTROLLER = FieldPath.of('spec', 'controllerRef');
const TEMPLATES = FieldPath.of('spec', 'podGroupTemplates');
const MAX_TEMPLATES = 8;

export function validateWorkload({ spec }: Workload): FieldError[] {
  const { controllerRef, podGroupTemplates } = spec;
  return [
    ...(controllerRef ? validateController(controllerRef) : []),
    ...validateTemplates(podGroupTemplates ?? []),
  ];
}

export function validateWorkloadUpdate({ spec }: Workload, { spec: old }: Workload): FieldError[] {
  return [
    ...(semanticDeepEqual(spec.controllerRef, old.controllerRef) ? [] : [immutableError(CONTROLLER)]),
    ...(semanticDeepEqual(spec.podGroupTemplates, old.podGroupTemplates) ? [] : [immutableError(TEMPLATES)]),
  ];
}

function validateController({ apiGroup, kind, name }: TypedLocalObjectReference): FieldError[] {
  const group = CONTROLLER.child('apiGroup');
  return [
    ...(apiGroup ? invalidEach(group, apiGroup, isDNS1123Subdomain(apiGroup)) : []),
    ...validateRequiredName(kind, CONTROLLER.child('kind'), isPathSegmentName),
    ...validateRequiredName(name, CONTROLLER.child('name'), isPathSegmentName),
  ];
}

function validateTemplates(templates: readonly PodGroupTemplate[]): FieldError[] {
  if (templates.length > MAX_TEMPLATES) return [tooMany(TEMPLATES, templates.length, MAX_TEMPLATES)];
  if (templates.length === 0) return [required(TEMPLATES, '')];
  const names = templates.map(({ name }) => name);
  const duplicates = templates.flatMap((template, index) =>
    names.indexOf(template.name) < index ? [duplicate(TEMPLATES.index(index), template)] : [],
  );
  return duplicates.concat(
    templates.flatMap(({ name, schedulingPolicy }, index) => {
      const path = TEMPLATES.index(index);
      return [
        ...validateRequiredName(name, path.child('name'), isDNS1123Label),
        ...validateSchedulingPolicy(schedulingPolicy, path.child('schedulingPolicy')),
      ];
    }),
  );
}
