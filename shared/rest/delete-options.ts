/** https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/v1/validation/validation.go */

import { type FieldError, invalid, notSupported } from '../meta/field-error.ts';
import { newInvalid } from '../meta/status-error.ts';
import type { DeleteOptions as WrittenOptions } from '../meta/v1/types.ts';
import { appendAll } from '../util/append-all.ts';

type DeleteOptions = Omit<Readonly<WrittenOptions>, 'dryRun'> & {
  readonly dryRun?: readonly string[] | undefined;
};

const DELETE_OPTIONS = { group: 'meta.k8s.io', kind: 'DeleteOptions' };
const POLICIES = ['Foreground', 'Background', 'Orphan'];
export const UNSAFE_DELETION = 'ignoreStoreReadErrorWithClusterBreakingPotential';

/** Throws Invalid. */
export function validateDeleteOptions(options: DeleteOptions): void {
  const { orphanDependents, propagationPolicy, dryRun = [] } = options;
  const errors: FieldError[] = [];
  if (orphanDependents !== undefined && propagationPolicy !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    errors.push(invalid('propagationPolicy', propagationPolicy, detail));
  }
  if (propagationPolicy !== undefined && !POLICIES.includes(propagationPolicy)) {
    errors.push(notSupported('propagationPolicy', propagationPolicy, [...POLICIES, 'nil']));
  }
  appendAll(errors, validateDryRun(dryRun));
  if (options.ignoreStoreReadErrorWithClusterBreakingPotential) {
    for (const field of [
      'propagationPolicy',
      'orphanDependents',
      'gracePeriodSeconds',
      'preconditions',
    ] as const) {
      if (options[field] !== undefined)
        errors.push(invalid(UNSAFE_DELETION, true, `cannot be set together with .${field}`));
    }
  }
  if (errors.length > 0) throw newInvalid(DELETE_OPTIONS, '', errors);
}

export function validateDryRun(dryRun: readonly string[]): FieldError[] {
  return dryRun.every((value) => value === 'All') ? [] : [notSupported('dryRun', dryRun, ['All'])];
}
