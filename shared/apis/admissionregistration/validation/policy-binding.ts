/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/admissionregistration/validation/validation.go */

import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  invalidEach,
  notSupported,
  required,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateLabelSelector } from '../../../meta/validation/label-selector.ts';
import { isDNS1123Subdomain, isPathSegmentName } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import { seenBefore } from '../../../util/seen-before.ts';
import type {
  MutatingAdmissionPolicyBinding,
  MutatingAdmissionPolicyBindingSpec,
  ParamRef,
  ValidatingAdmissionPolicyBinding,
} from '../v1/types.ts';
import { validateMatchResources, validateMutatingOperations } from './match-resources.ts';

const SPEC = FieldPath.of('spec');
const ACTIONS_PATH = SPEC.child('validationActions');
const MATCH_RESOURCES = SPEC.child('matchResources');
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const NOT_FOUND_ACTIONS = ['Deny', 'Allow'];

export function validateValidatingAdmissionPolicyBinding({
  spec,
}: ValidatingAdmissionPolicyBinding): FieldError[] {
  return [...validateBindingSpec(spec), ...validateActions(spec.validationActions ?? [])];
}

export const validateMutatingAdmissionPolicyBinding = ({
  spec,
}: MutatingAdmissionPolicyBinding): FieldError[] => [
  ...validateBindingSpec(spec),
  ...validateMutatingOperations(spec.matchResources, MATCH_RESOURCES),
];

function validateBindingSpec(spec: MutatingAdmissionPolicyBindingSpec): FieldError[] {
  const { policyName = '', paramRef, matchResources } = spec;
  const path = SPEC.child('policyName');
  return [
    ...(policyName === ''
      ? [required(path, '')]
      : invalidEach(path, policyName, isDNS1123Subdomain(policyName))),
    ...(paramRef ? validateParamRef(paramRef, SPEC.child('paramRef')) : []),
    ...validateMatchResources(matchResources, MATCH_RESOURCES),
  ];
}

function validateParamRef(
  { name = '', selector, parameterNotFoundAction: action = '' }: ParamRef,
  path: FieldPath,
): FieldError[] {
  const exclusive = 'name and selector are mutually exclusive';
  const errors: FieldError[] = [];
  if (name !== '') {
    appendAll(errors, invalidEach(path.child('name'), name, isPathSegmentName(name)));
    if (selector) errors.push(forbidden(path.child('name'), exclusive));
  }
  if (selector) {
    appendAll(errors, validateLabelSelector(selector, path.child('selector')));
    if (name !== '') errors.push(forbidden(path.child('selector'), exclusive));
  }
  if (name === '' && !selector) errors.push(required(path, 'one of name or selector must be specified'));
  const at = path.child('parameterNotFoundAction');
  if (action === '') return [...errors, required(at, '')];
  return NOT_FOUND_ACTIONS.includes(action)
    ? errors
    : [...errors, notSupported(at, action, NOT_FOUND_ACTIONS)];
}

function validateActions(actions: readonly string[]): FieldError[] {
  const isRepeated = seenBefore<string>();
  const errors = actions.flatMap((action, index) => [
    ...(ACTIONS.includes(action) ? [] : [notSupported(ACTIONS_PATH.index(index), action, ACTIONS)]),
    ...(isRepeated(action) ? [duplicate(ACTIONS_PATH.index(index), action)] : []),
  ]);
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(invalid(ACTIONS_PATH, actions, detail));
  }
  if (actions.length > 0) return errors;
  return [...errors, required(ACTIONS_PATH, 'at least one validation action is required')];
}
