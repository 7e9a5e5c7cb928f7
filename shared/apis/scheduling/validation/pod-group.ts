/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/scheduling/validation/validation.go */

import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import type { PodGroup } from '../v1beta1/types.ts';

const WORKLOAD_REF = FieldPath.of('spec', 'workloadRef');
const CONDITIONS = FieldPath.of('status', 'conditions');
const CLAIM_STATUSES = FieldPath.of('status', 'resourceClaimStatuses');

export function validatePodGroup({ spec }: PodGroup): FieldError[] {
  if (!spec.parentCompositePodGroupName || spec.workloadRef) return [];
  return [required(WORKLOAD_REF, 'must be set when parentCompositePodGroupName is set')];
}

export function validatePodGroupStatusUpdate({ spec, status }: PodGroup): FieldError[] {
  const claims = new Set((spec.resourceClaims ?? []).map(({ name }) => name));
  return [
    ...validateConditions(status.conditions, CONDITIONS),
    ...(status.resourceClaimStatuses ?? []).flatMap(({ name }, index) =>
      claims.has(name)
        ? []
        : [
            invalid(
              CLAIM_STATUSES.index(index).child('name'),
              name,
              'must match the name of an entry in `spec.resourceClaims`',
            ),
          ],
    ),
  ];
}
