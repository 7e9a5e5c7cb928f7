import { duplicate, type FieldError, invalid } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { validateLabelName } from '../../../meta/validation/object-meta.ts';
import { seenBefore } from '../../../util/seen-before.ts';
import { validateList } from './collections.ts';

const MAX_CONDITIONS = 4;

interface BindingParameters {
  readonly bindingConditions?: readonly string[] | undefined;
  readonly bindingFailureConditions?: readonly string[] | undefined;
}

function duplicates(values: readonly string[], path: FieldPath): FieldError[] {
  const isRepeated = seenBefore<string>();
  return values.flatMap((value, index) => (isRepeated(value) ? [duplicate(path.index(index), value)] : []));
}

/** Conditions for the binding of a device, and for its failure; either both are set or neither. */
export function validateBindingConditions(
  { bindingConditions: conditions = [], bindingFailureConditions: failures = [] }: BindingParameters,
  path: FieldPath,
): FieldError[] {
  const at = path.child('bindingConditions');
  const failuresAt = path.child('bindingFailureConditions');
  const isRepeated = seenBefore<string>();
  const known = new Set(conditions);
  const errors = [
    ...validateList(conditions, MAX_CONDITIONS, validateLabelName, at),
    ...validateList(failures, MAX_CONDITIONS, validateLabelName, failuresAt),
    ...duplicates(conditions, at),
    ...failures.flatMap((failure, index) => [
      ...(isRepeated(failure) ? [duplicate(failuresAt.index(index), failure)] : []),
      ...(known.has(failure)
        ? [
            invalid(
              failuresAt.index(index),
              failure,
              'bindingFailureConditions must not overlap with bindingConditions',
            ),
          ]
        : []),
    ]),
  ];
  if (conditions.length === 0 && failures.length > 0) {
    const detail = 'bindingConditions are required to use bindingFailureConditions';
    errors.push(invalid(at, null, detail));
  }
  if (failures.length === 0 && conditions.length > 0) {
    const detail = 'bindingFailureConditions are required to use bindingConditions';
    errors.push(invalid(failuresAt, null, detail));
  }
  return errors;
}
