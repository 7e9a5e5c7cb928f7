/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/admissionregistration/validation/validation.go */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  duplicate,
  type FieldError,
  invalid,
  invalidEach,
  notSupported,
  required,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { isQualifiedName } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import { parseJSONPath } from '../../../util/jsonpath/parse.ts';
import { seenBefore } from '../../../util/seen-before.ts';
import type { AuditAnnotation, ValidatingAdmissionPolicy, Validation } from '../v1/types.ts';
import type { ExpressionChecker, NewExpressionChecker } from './expression-checker.ts';
import { validateMatchConditions } from './match-conditions.ts';
import { validateFailurePolicy, validateMatchConstraints, validateParamKind } from './match-resources.ts';
import { validateVariables } from './variables.ts';

const SPEC = FieldPath.of('spec');
const VALIDATIONS = SPEC.child('validations');
const ANNOTATIONS = SPEC.child('auditAnnotations');
const STATUS = FieldPath.of('status');
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const MAX_ANNOTATIONS = 20;
const MAX_ANNOTATION_EXPRESSION = 5 * 1024;
const AT_LEAST_ONE = 'validations or auditAnnotations must contain at least one item';

/** `old` is the stored policy, whose unchanged conditions aren't validated again. */
export function validateValidatingAdmissionPolicy(
  { metadata, spec }: ValidatingAdmissionPolicy,
  old: ValidatingAdmissionPolicy | undefined,
  newChecker: NewExpressionChecker,
): FieldError[] {
  const { paramKind, matchConditions, variables, validations = [], auditAnnotations = [] } = spec;
  const params = paramKind !== undefined;
  const errors = [
    ...validateFailurePolicy(spec.failurePolicy, SPEC.child('failurePolicy')),
    ...validateParamKind(paramKind, SPEC.child('paramKind')),
    ...validateMatchConstraints(spec.matchConstraints, SPEC.child('matchConstraints')),
  ];
  if (!keepsMatchConditions(spec, old?.spec)) {
    const path = SPEC.child('matchConditions');
    appendAll(errors, validateMatchConditions(matchConditions, { params }, newChecker, path));
  }
  const checker = newChecker({ composes: (variables?.length ?? 0) > 0 });
  appendAll(errors, validateVariables(variables, params, checker, SPEC.child('variables')));
  if (validations.length === 0 && auditAnnotations.length === 0) {
    return [...errors, required(VALIDATIONS, AT_LEAST_ONE), required(ANNOTATIONS, AT_LEAST_ONE)];
  }
  for (const [index, validation] of validations.entries()) {
    appendAll(errors, validateValidation(validation, params, checker, VALIDATIONS.index(index)));
  }
  if (auditAnnotations.length > MAX_ANNOTATIONS) {
    const detail = `must not have more than ${MAX_ANNOTATIONS} auditAnnotations`;
    errors.push(invalid(ANNOTATIONS, auditAnnotations, detail));
  }
  const isRepeated = seenBefore<string>();
  for (const [index, annotation] of auditAnnotations.entries()) {
    const path = ANNOTATIONS.index(index);
    appendAll(errors, validateAuditAnnotation(annotation, metadata.name ?? '', params, checker, path));
    if (isRepeated(annotation.key)) errors.push(duplicate(path.child('key'), annotation.key));
  }
  return errors;
}

interface MatchConditionsHolder {
  readonly paramKind?: unknown;
  readonly matchConditions?: unknown;
}

export const keepsMatchConditions = (
  spec: MatchConditionsHolder,
  old: MatchConditionsHolder | undefined,
): boolean =>
  old !== undefined &&
  semanticDeepEqual(spec.paramKind, old.paramKind) &&
  semanticDeepEqual(spec.matchConditions, old.matchConditions);

function validateValidation(
  { expression, message = '', messageExpression = '', reason }: Validation,
  params: boolean,
  checker: ExpressionChecker,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const at = path.child('expression');
  if (expression.trim() === '') errors.push(required(at, 'expression is not specified'));
  else {
    const why = checker.check(expression, 'validation', { params, authorizer: true });
    if (why !== undefined) errors.push(invalid(at, expression, why));
  }
  const empty = 'must be non-empty if specified';
  if (messageExpression !== '') {
    const why =
      messageExpression.trim() === ''
        ? empty
        : checker.check(messageExpression, 'message', { params, authorizer: false });
    if (why !== undefined) errors.push(invalid(path.child('messageExpression'), messageExpression, why));
  }
  const trimmed = message.trim();
  if (message !== '' && trimmed === '') errors.push(invalid(path.child('message'), message, empty));
  else if (/[\n\r]/.test(trimmed)) {
    errors.push(invalid(path.child('message'), message, 'must not contain line breaks'));
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    errors.push(notSupported(path.child('reason'), reason, REASONS));
  }
  return errors;
}

function validateAuditAnnotation(
  { key, valueExpression }: AuditAnnotation,
  policyName: string,
  params: boolean,
  checker: ExpressionChecker,
  path: FieldPath,
): FieldError[] {
  const keyPath = path.child('key');
  const at = path.child('valueExpression');
  const full = `${policyName}/${key}`;
  const errors =
    policyName === ''
      ? [invalid(keyPath, key, 'requires metadata.name be non-empty')]
      : invalidEach(keyPath, full, isQualifiedName(full));
  const trimmed = valueExpression.trim();
  if (trimmed === '') return [...errors, required(at, 'valueExpression is not specified')];
  if (byteLength(trimmed) > MAX_ANNOTATION_EXPRESSION) {
    return [...errors, required(at, `must not exceed ${MAX_ANNOTATION_EXPRESSION} bytes in length`)];
  }
  const why = checker.check(trimmed, 'auditAnnotation', { params, authorizer: true });
  return why === undefined ? errors : [...errors, invalid(at, valueExpression, why)];
}

export function validateValidatingAdmissionPolicyStatus({ status }: ValidatingAdmissionPolicy): FieldError[] {
  const path = STATUS.child('typeChecking', 'expressionWarnings');
  const warnings = status.typeChecking?.expressionWarnings ?? [];
  return [
    ...warnings.flatMap(({ warning, fieldRef }, index) => [
      ...(warning === '' ? [required(path.index(index).child('warning'), '')] : []),
      ...validateFieldRef(fieldRef.trim(), path.index(index).child('fieldRef')),
    ]),
    ...validateConditions(status.conditions, STATUS.child('conditions')),
  ];
}

function validateFieldRef(fieldRef: string, path: FieldPath): FieldError[] {
  if (fieldRef === '') return [required(path, '')];
  try {
    parseJSONPath(fieldRef);
    return [];
  } catch (error) {
    return [invalid(path, fieldRef, `invalid JSONPath: ${(error as Error).message}`)];
  }
}
