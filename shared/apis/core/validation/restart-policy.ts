/** Rules for when containers are started again. */

import { type FieldError, forbidden, notSupported, required, tooLong } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import type { Container, ContainerRestartRule } from '../v1/types.ts';

const POD_POLICIES = ['Always', 'OnFailure', 'Never'];
const CONTAINER_POLICIES = ['Always', 'Never', 'OnFailure'];
const OPERATORS = ['In', 'NotIn'];
const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

export function validateRestartPolicy(policy: string | undefined, path: FieldPath): FieldError[] {
  if (!policy) return [required(path, '')];
  return POD_POLICIES.includes(policy) ? [] : [notSupported(path, policy, POD_POLICIES)];
}

function validateRule({ action, exitCodes }: ContainerRestartRule, path: FieldPath): FieldError[] {
  const errors = action === 'Restart' ? [] : [notSupported(path.child('action'), action ?? '', ['Restart'])];
  const at = path.child('exitCodes');
  if (!exitCodes) return [...errors, required(at, 'must be specified')];
  const { operator = '', values } = exitCodes;
  if (!OPERATORS.includes(operator)) errors.push(notSupported(at.child('operator'), operator, OPERATORS));
  if ((values ?? []).length > MAX_EXIT_CODES) errors.push(tooLong(at.child('values'), MAX_EXIT_CODES));
  return errors;
}

/** Of containers, and of init containers that end. */
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
  if (rules.length > MAX_RULES) errors.push(tooLong(path.child('restartPolicyRules'), MAX_RULES));
  return [
    ...errors,
    ...rules.flatMap((rule, index) => validateRule(rule, path.child('restartPolicyRules').index(index))),
  ];
}

export function validateInitContainerRestartPolicy(container: Container, path: FieldPath): FieldError[] {
  if (container.restartPolicy === undefined) return [];
  if (container.restartPolicy !== 'Always') return validateContainerRestartPolicy(container, path);
  if (!container.restartPolicyRules?.length) return [];
  const detail = 'restartPolicyRules are not allowed for init containers with restart policy Always';
  return [forbidden(path.child('restartPolicyRules'), detail)];
}
