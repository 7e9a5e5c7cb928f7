/** Rules for restarting containers. */

import { type FieldError, forbidden, notSupported, required, tooMany } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { Container, ContainerRestartRule } from '../v1/types.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';

const POD_POLICIES = ['Always', 'OnFailure', 'Never'];
const CONTAINER_POLICIES = ['Always', 'Never', 'OnFailure'];
const RULES = 'ContainerRestartRules';
const ACTIONS = ['Restart'];
const ALL = 'RestartAllContainersOnContainerExits';
const ALL_ACTIONS = [...ACTIONS, 'RestartAllContainers'];
const OPERATORS = ['In', 'NotIn'];
const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

export function validateRestartPolicy(policy: string | undefined, path: FieldPath): FieldError[] {
  if (!policy) return [required(path, '')];
  return POD_POLICIES.includes(policy) ? [] : [notSupported(path, policy, POD_POLICIES)];
}

type Allows = Pick<PodValidationOptions, 'allows'>;

function validateRule(
  { action = '', exitCodes }: ContainerRestartRule,
  path: FieldPath,
  { allows }: Allows,
): FieldError[] {
  const actions = allows(ALL) ? ALL_ACTIONS : ACTIONS;
  const errors = actions.includes(action) ? [] : [notSupported(path.child('action'), action, actions)];
  const at = path.child('exitCodes');
  if (!exitCodes) return [...errors, required(at, 'must be specified')];
  const { operator = '', values } = exitCodes;
  if (!OPERATORS.includes(operator)) errors.push(notSupported(at.child('operator'), operator, OPERATORS));
  if (values && values.length > MAX_EXIT_CODES)
    errors.push(tooMany(at.child('values'), values.length, MAX_EXIT_CODES));
  return errors;
}

const ONLY_ALWAYS = ['Always'];
const NO_RULES = 'restartPolicyRules are not allowed for init containers with restart policy Always';

/** An init container's restart rules are only validated if its policy permits them. */
export function validateInitContainerRestartPolicy(
  container: Container,
  path: FieldPath,
  options: Allows,
): FieldError[] {
  const { restartPolicy: policy, restartPolicyRules: rules = [] } = container;
  if (policy === undefined) return validatePolicy(container, path);
  if (!options.allows(RULES)) {
    return policy === 'Always' ? [] : [notSupported(path.child('restartPolicy'), policy, ONLY_ALWAYS)];
  }
  if (policy !== 'Always' || options.allows(ALL)) return validateOwnPolicy(container, path, options);
  return rules.length > 0 ? [forbidden(path.child('restartPolicyRules'), NO_RULES)] : [];
}

export function validateContainerRestartPolicy(
  container: Container,
  path: FieldPath,
  options: Allows,
): FieldError[] {
  if (options.allows(RULES)) return validateOwnPolicy(container, path, options);
  if (container.restartPolicy === undefined) return [];
  return [forbidden(path.child('restartPolicy'), 'may not be set for non-init containers')];
}

function validatePolicy(
  { restartPolicy: policy, restartPolicyRules }: Container,
  path: FieldPath,
): FieldError[] {
  const at = path.child('restartPolicy');
  if (policy !== undefined) {
    return CONTAINER_POLICIES.includes(policy) ? [] : [notSupported(at, policy, CONTAINER_POLICIES)];
  }
  if (!restartPolicyRules?.length) return [];
  return [required(at, 'must specify restartPolicy when restart rules are used')];
}

function validateOwnPolicy(container: Container, path: FieldPath, options: Allows): FieldError[] {
  const { restartPolicyRules: rules = [] } = container;
  const at = path.child('restartPolicyRules');
  return [
    ...validatePolicy(container, path),
    ...(rules.length > MAX_RULES ? [tooMany(at, rules.length, MAX_RULES)] : []),
    ...rules.flatMap((rule, index) => validateRule(rule, at.index(index), options)),
  ];
}
