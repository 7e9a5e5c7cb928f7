/** Validates the fields of `x-kubernetes-validations`, without compiling expressions. */

import type { JSONSchemaProps, ValidationRule } from '../../apis/apiextensions/v1/types.ts';
import { type FieldError, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { structuralError } from '../schema/structural.ts';
import { isValidFieldPath } from '../schema/valid-field-path.ts';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

const hasNewlines = (text: string): boolean => /[\n\r]/.test(text);

export function validateValidationRules(
  rules: readonly ValidationRule[],
  schema: JSONSchemaProps,
  path: FieldPath,
): FieldError[] {
  return rules.flatMap((rule, index) => validateRule(rule, schema, path.index(index)));
}

function validateRule(rule: ValidationRule, schema: JSONSchemaProps, path: FieldPath): FieldError[] {
  const { messageExpression = '', fieldPath = '', reason } = rule;
  const errors = validateMessage(rule, path);
  if (messageExpression !== '' && messageExpression.trim() === '') {
    const detail = 'messageExpression must be non-empty if specified';
    errors.push(required(path.child('messageExpression'), detail));
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    errors.push(notSupported(path.child('reason'), reason, REASONS));
  }
  const at = path.child('fieldPath');
  if (fieldPath !== '' && fieldPath.trim() === '') {
    errors.push(invalid(at, fieldPath, 'must be non-empty if specified'));
  }
  if (hasNewlines(fieldPath)) errors.push(invalid(at, fieldPath, 'must not contain line breaks'));
  if (fieldPath !== '' && structuralError(schema) === undefined && !isValidFieldPath(fieldPath, schema)) {
    errors.push(invalid(at, fieldPath, 'must be a valid path'));
  }
  return errors;
}

function validateMessage({ rule, message = '' }: ValidationRule, path: FieldPath): FieldError[] {
  const [text, shown] = [rule.trim(), message.trim()];
  const at = path.child('message');
  if (text === '') return [required(path.child('rule'), 'rule is not specified')];
  if (message !== '' && shown === '') return [invalid(at, message, 'must be non-empty if specified')];
  if (hasNewlines(shown)) return [invalid(at, message, 'must not contain line breaks')];
  if (hasNewlines(text) && shown === '') {
    return [required(at, 'message must be specified if rule contains line breaks')];
  }
  return [];
}
