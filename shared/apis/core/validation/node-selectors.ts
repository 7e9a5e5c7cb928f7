/** Rules for node selectors of pods and persistent volumes. */

import { type FieldError, forbidden, invalid, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isDNS1123Subdomain, isValidLabelValue } from '../../../meta/validation/names.ts';
import { validateLabelName } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '../v1/types.ts';
import { invalidEach } from './helpers.ts';

function validateOperator({ operator, values = [] }: NodeSelectorRequirement, path: FieldPath): FieldError[] {
  const at = path.child('values');
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return [];
      return [required(at, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) return [];
      return [forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case 'Gt':
    case 'Lt':
      if (values.length === 1) return [];
      return [required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [invalid(path.child('operator'), operator, 'not a valid selector operator')];
  }
}

export interface NodeSelectorOptions {
  readonly allowInvalidLabelValue?: boolean | undefined;
}

function validateRequirement(
  requirement: NodeSelectorRequirement,
  path: FieldPath,
  { allowInvalidLabelValue = false }: NodeSelectorOptions,
): FieldError[] {
  const errors = validateOperator(requirement, path);
  appendAll(errors, validateLabelName(requirement.key, path.child('key')));
  if (allowInvalidLabelValue) return errors;
  for (const [index, value] of (requirement.values ?? []).entries()) {
    appendAll(errors, invalidEach(path.child('values').index(index), value, isValidLabelValue(value)));
  }
  return errors;
}

/** The only selectable field of nodes is their name. */
function validateFieldRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'));
  } else if (values.length !== 1) {
    const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(path.child('values'), detail));
  }
  if (key !== 'metadata.name') {
    return [...errors, invalid(path.child('key'), key, 'not a valid field selector key')];
  }
  for (const [index, value] of values.entries()) {
    appendAll(errors, invalidEach(path.child('values').index(index), value, isDNS1123Subdomain(value)));
  }
  return errors;
}

export function validateNodeSelectorTerm(
  { matchExpressions, matchFields }: NodeSelectorTerm,
  path: FieldPath,
  options: NodeSelectorOptions,
): FieldError[] {
  return [
    ...(matchExpressions ?? []).flatMap((requirement, index) =>
      validateRequirement(requirement, path.child('matchExpressions').index(index), options),
    ),
    ...(matchFields ?? []).flatMap((requirement, index) =>
      validateFieldRequirement(requirement, path.child('matchFields').index(index)),
    ),
  ];
}

export function validateNodeSelector(
  { nodeSelectorTerms }: NodeSelector,
  path: FieldPath,
  options: NodeSelectorOptions = {},
): FieldError[] {
  const at = path.child('nodeSelectorTerms');
  const terms = nodeSelectorTerms ?? [];
  if (terms.length === 0) return [required(at, 'must have at least one node selector term')];
  return terms.flatMap((term, index) => validateNodeSelectorTerm(term, at.index(index), options));
}
