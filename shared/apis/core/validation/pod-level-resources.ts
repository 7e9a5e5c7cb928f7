/** Rules for pod-level resources. */

import { type FieldError, forbidden, invalid } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { aggregateContainerResources, parseResourceList } from '../pod-resources.ts';
import { isHugePageResourceName } from '../resource-names.ts';
import type { PodSpec } from '../v1/types.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';
import { validatePodResourceRequirements } from './resource-requirements.ts';

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Pod-level requests and limits must be sufficient for those of containers. */
function validateConsistency(spec: PodSpec, path: FieldPath): FieldError[] {
  const requests = parseResourceList(spec.resources?.requests);
  const limits = parseResourceList(spec.resources?.limits);
  const errors: FieldError[] = [];
  for (const [name, sum] of sorted(aggregateContainerResources(spec, 'requests'))) {
    const own = requests.get(name);
    if (own === undefined || sum.cmp(own) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container requests of ${sum}`;
    errors.push(invalid(path.child('requests').key(name), own.toString(), detail));
  }
  for (const [name, sum] of sorted(aggregateContainerResources(spec, 'limits'))) {
    const own = limits.get(name);
    if (!isHugePageResourceName(name) || own === undefined || sum.cmp(own) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container limits of ${sum}`;
    errors.push(invalid(path.child('limits').key(name), own.toString(), detail));
  }
  for (const [index, { resources }] of (spec.containers ?? []).entries()) {
    for (const [name, limit] of sorted(parseResourceList(resources?.limits))) {
      const own = limits.get(name);
      if (own === undefined || limit.cmp(own) <= 0) continue;
      const at = path.child('containers').index(index).key(name).child('limits');
      errors.push(invalid(at, limit.toString(), `must be less than or equal to pod limits of ${own}`));
    }
  }
  return errors;
}

export function validatePodResources(
  spec: PodSpec,
  podClaimNames: ReadonlySet<string>,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  if (!spec.resources) return [];
  if (spec.os?.name === 'windows') return [forbidden(path, 'may not be set for a windows pod')];
  const errors: FieldError[] = [];
  if (spec.resources.claims) {
    errors.push(forbidden(path.child('claims'), 'claims may not be set for Resources at pod-level'));
  }
  return [
    ...errors,
    ...validatePodResourceRequirements(spec.resources, podClaimNames, path, options),
    ...validateConsistency(spec, path),
  ];
}
