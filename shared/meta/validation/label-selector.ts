/** Rules for label selectors inside objects (apimachinery `pkg/apis/meta/v1/validation/validation.go`). */

import { appendAll } from '../../util/append-all.ts';
import { type FieldError, forbidden, invalid, required } from '../field-error.ts';
import type { FieldPath } from '../field-path.ts';
import type { FieldSelectorRequirement, LabelSelector, LabelSelectorRequirement } from '../v1/types.ts';
import { isValidLabelValue } from './names.ts';
import { validateLabelName, validateLabels } from './object-meta.ts';

export interface LabelSelectorValidationOptions {
  /** For objects that were stored before these values were rejected. */
  readonly allowInvalidLabelValueInSelector?: boolean;
  readonly allowUnknownOperatorInRequirement?: boolean;
}

export function labelSelectorHasInvalidLabelValue(selector: LabelSelector | null | undefined): boolean {
  return (selector?.matchExpressions ?? []).some(({ values }) =>
    (values ?? []).some((value) => isValidLabelValue(value).length > 0),
  );
}

export function validateLabelSelector(
  selector: LabelSelector | null | undefined,
  path: FieldPath,
  options: LabelSelectorValidationOptions = {},
): FieldError[] {
  if (selector === null || selector === undefined) return [];
  const errors = validateLabels(selector.matchLabels, path.child('matchLabels'));
  for (const [index, expression] of (selector.matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(index);
    appendAll(errors, validateLabelSelectorRequirement(expression, at, options));
  }
  return errors;
}

/** Validates the values for an operator. */
function operatorErrors(
  operator: string,
  values: readonly string[],
  path: FieldPath,
  allowUnknown: boolean | undefined,
): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return [];
      return [required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist': {
      if (values.length === 0) return [];
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      return [forbidden(path.child('values'), detail)];
    }
    default:
      if (allowUnknown) return [];
      return [invalid(path.child('operator'), operator, 'not a valid selector operator')];
  }
}

export function validateLabelSelectorRequirement(
  { key, operator, values }: LabelSelectorRequirement,
  path: FieldPath,
  options: LabelSelectorValidationOptions = {},
): FieldError[] {
  const errors = operatorErrors(operator, values ?? [], path, options.allowUnknownOperatorInRequirement);
  appendAll(errors, validateLabelName(key, path.child('key')));
  if (options.allowInvalidLabelValueInSelector) return errors;
  for (const [index, value] of (values ?? []).entries()) {
    for (const message of isValidLabelValue(value)) {
      errors.push(invalid(path.child('values').index(index), value, message));
    }
  }
  return errors;
}

export function validateFieldSelectorRequirement(
  { key, operator, values }: FieldSelectorRequirement,
  path: FieldPath,
  options: Pick<LabelSelectorValidationOptions, 'allowUnknownOperatorInRequirement'> = {},
): FieldError[] {
  const errors = key === '' ? [required(path.child('key'), 'must be specified')] : [];
  const allowUnknown = options.allowUnknownOperatorInRequirement;
  return [...errors, ...operatorErrors(operator, values ?? [], path, allowUnknown)];
}
