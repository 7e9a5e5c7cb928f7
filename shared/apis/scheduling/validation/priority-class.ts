/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/scheduling/validation/validation.go */

import { type FieldError, forbidden } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { validatePreemptionPolicy } from '../../core/validation/pod-spec.ts';
import {
  HIGHEST_USER_DEFINABLE_PRIORITY,
  SYSTEM_PREFIX,
  SYSTEM_PRIORITY_CLASSES,
} from '../system-priority-classes.ts';
import type { PriorityClass } from '../v1/types.ts';

const NAME = FieldPath.of('metadata', 'name');
const VALUE = FieldPath.of('value');
const PREEMPTION_POLICY = FieldPath.of('preemptionPolicy');

/** The reason why a class isn't one of the system's; undefined if it is. */
function systemClassError({ metadata, value, globalDefault = false }: PriorityClass): string | undefined {
  const { name } = metadata;
  const known = SYSTEM_PRIORITY_CLASSES.find((candidate) => candidate.metadata.name === name);
  if (known === undefined) return `${name} is not a known system priority class`;
  if (known.value !== value) return `value of ${name} PriorityClass must be ${known.value}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

export function validatePriorityClass(priorityClass: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  if (priorityClass.metadata.name?.startsWith(SYSTEM_PREFIX)) {
    const why = systemClassError(priorityClass);
    if (why !== undefined) {
      const detail = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${why}`;
      errors.push(forbidden(NAME, detail));
    }
  } else if (priorityClass.value > HIGHEST_USER_DEFINABLE_PRIORITY) {
    const detail = `maximum allowed value of a user defined priority is ${HIGHEST_USER_DEFINABLE_PRIORITY}`;
    errors.push(forbidden(VALUE, detail));
  }
  return errors.concat(validatePreemptionPolicy(priorityClass.preemptionPolicy, PREEMPTION_POLICY));
}

export function validatePriorityClassUpdate(priorityClass: PriorityClass, old: PriorityClass): FieldError[] {
  const errors =
    priorityClass.value === old.value ? [] : [forbidden(VALUE, 'may not be changed in an update.')];
  const { preemptionPolicy } = priorityClass;
  return errors.concat(validateImmutableField(preemptionPolicy, old.preemptionPolicy, PREEMPTION_POLICY));
}
