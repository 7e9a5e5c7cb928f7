/** Rules for when containers are started again. */

import { type FieldError, notSupported, required, tooMany } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { Container, ContainerRestartRule } from '../v1/types.ts';

const POD_POLICIES = ['Always', 'OnFailure', 'Never'];
const CONTAINER_POLICIES = ['Always', 'Never', 'OnFailure'];
/** With RestartAllContainersOnContainerExits, which is on since 1.36. */
const ACTIONS = ['Restart', 'RestartAllContainers'];
const OPERATORS = ['In', 'NotIn'];
const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

export function validateRestartPolicy(policy: string | undefined, path: FieldPath): FieldError[] {
  if (!policy) return [required(path, '')];
  return POD_POLICIES.includes(policy) ? [] : [notSupported(path, policy, POD_POLICIES)];
}

function validateRule({ action, exitCodes }: ContainerRestartRule, path: FieldPath): FieldError[] {
  const errors = ACTIONS.includes(action ?? '')
    ? []
    : [notSupported(path.child('action'), action ?? '', ACTIONS)];
  const at = path.child('exitCodes');
  if (!exitCodes) return [...errors, required(at, 'must be specified')];
  const { operator = '', values } = exitCodes;
  if (!OPERATORS.includes(operator)) errors.push(notSupported(at.child('operator'), operator, OPERATORS));
  if (values && values.length > MAX_EXIT_CODES)
    errors.push(tooMany(at.child('values'), values.length, MAX_EXIT_CODES));
  return errors;
}

/** An init container's rules are looked at where it has a policy that they go with. */
export function validateInitContainerRestartPolicy(container: Container, path: FieldPath): FieldError[] {
  const unset = container.restartPolicy === undefined;
  return validateContainerRestartPolicy(container, path).slice(0, unset ? 1 : undefined);
}

export function validateContainerRestartPolicy(container: Container, path: FieldPath): FieldError[] {
  const { restartPolicy: policy, restartPolicyRules: rules = [] } = container;
  const at = path.child('restartPolicy');
  const errors: FieldError[] = [];
  if (policy === undefined) {
    if (rules.length === 0) return [];
    errors.push(required(at, 'must specify restartPolicy when restart rules are used'));
  } else if (!CONTAINER_POLICIES.includes(policy)) {
    errors.push(notSupported(at, policy, CONTAINER_POLICIES));
  }
  if (rules.length > MAX_RULES)
    errors.push(tooMany(path.child('restartPolicyRules'), rules.length, MAX_RULES));
  return [
    ...errors,
    ...rules.flatMap((rule, index) => validateRule(rule, path.child('restartPolicyRules').index(index))),
  ];
}
