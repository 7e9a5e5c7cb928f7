/** Rules for `metav1.Condition` (apimachinery `pkg/apis/meta/v1/validation/validation.go`). */

import { appendAll } from '../../util/append-all.ts';
import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from '../field-error.ts';
import type { FieldPath } from '../field-path.ts';
import type { Condition } from '../v1/types.ts';
import { byteLength, regexError } from './format.ts';
import { validateLabelName } from './object-meta.ts';

const STATUSES = ['False', 'True', 'Unknown'];
const MAX_REASON_LENGTH = 1024;
const MAX_MESSAGE_LENGTH = 32 * 1024;

const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const REASON_REGEX = new RegExp(`^${REASON}$`);
const REASON_MESSAGE =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";

export function validateConditions(
  conditions: readonly Condition[] | null | undefined,
  path: FieldPath,
): FieldError[] {
  const seen = new Set<string>();
  return (conditions ?? []).flatMap((condition, index) => {
    const at = path.index(index);
    const errors = seen.has(condition.type) ? [duplicate(at, condition.type)] : [];
    seen.add(condition.type);
    return [...errors, ...validateCondition(condition, at)];
  });
}

export function isValidConditionReason(value: string): string[] {
  if (REASON_REGEX.test(value)) return [];
  const examples = ['my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB'];
  return [regexError(REASON_MESSAGE, REASON, ...examples)];
}

function validateCondition(condition: Condition, path: FieldPath): FieldError[] {
  const { type, status, observedGeneration, lastTransitionTime, reason, message } = condition;
  const errors: FieldError[] = [];
  if (!type) errors.push(required(path.child('type'), 'is required'));
  else appendAll(errors, validateLabelName(type, path.child('type')));
  if (!status) errors.push(required(path.child('status'), ''));
  else if (!STATUSES.includes(status)) errors.push(notSupported(path.child('status'), status, STATUSES));
  if ((observedGeneration ?? 0) < 0) {
    const detail = 'must be greater than or equal to zero';
    errors.push(invalid(path.child('observedGeneration'), observedGeneration, detail));
  }
  if (!lastTransitionTime) errors.push(required(path.child('lastTransitionTime'), ''));
  if (!reason) {
    errors.push(required(path.child('reason'), ''));
  } else {
    appendAll(
      errors,
      isValidConditionReason(reason).map((text) => invalid(path.child('reason'), reason, text)),
    );
    if (byteLength(reason) > MAX_REASON_LENGTH) errors.push(tooLong(path.child('reason'), MAX_REASON_LENGTH));
  }
  if (byteLength(message ?? '') > MAX_MESSAGE_LENGTH) {
    errors.push(tooLong(path.child('message'), MAX_MESSAGE_LENGTH));
  }
  return errors;
}
