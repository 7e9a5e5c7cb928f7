/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/flowcontrol/validation/validation.go */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  type FieldError,
  forbidden,
  invalid,
  invalidEach,
  notSupported,
  required,
  shownAs,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import { BOOTSTRAP_FLOW_SCHEMAS, MANDATORY } from '../bootstrap-objects.ts';
import type {
  FlowSchema,
  FlowSchemaSpec,
  PolicyRulesWithSubjects,
  ServiceAccountSubject,
  Subject,
} from '../v1/types.ts';
import { validateFlowControlStatus } from './conditions.ts';
import { validateNonResourceRule, validateResourceRule } from './policy-rules.ts';

const SPEC = FieldPath.of('spec');
const MAX_PRECEDENCE = 10_000;
const METHODS = ['ByNamespace', 'ByUser'];

export function validateFlowSchema({ metadata, spec, status }: FlowSchema): FieldError[] {
  const { name = '' } = metadata;
  const errors = validateSpec(name, spec);
  if (MANDATORY.includes(name)) {
    const fixed = BOOTSTRAP_FLOW_SCHEMAS.find((schema) => schema.metadata.name === name);
    if (!semanticDeepEqual(spec, fixed?.spec)) {
      const error = invalid(SPEC, spec, `spec of '${name}' must equal the fixed value`);
      appendAll(errors, shownAs('flowcontrol.FlowSchemaSpec', [error]));
    }
  }
  return errors.concat(validateFlowControlStatus(status));
}

function validateSpec(name: string, spec: FlowSchemaSpec): FieldError[] {
  const { matchingPrecedence: precedence, distinguisherMethod, priorityLevelConfiguration: level } = spec;
  const errors: FieldError[] = [];
  const at = SPEC.child('matchingPrecedence');
  if (precedence <= 0) errors.push(invalid(at, precedence, 'must be a positive value'));
  if (precedence > MAX_PRECEDENCE) {
    errors.push(invalid(at, precedence, `must not be greater than ${MAX_PRECEDENCE}`));
  }
  if (precedence === 1 && name !== 'exempt') {
    errors.push(invalid(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  }
  if (distinguisherMethod && !METHODS.includes(distinguisherMethod.type)) {
    const shown = { Type: distinguisherMethod.type };
    errors.push(notSupported(SPEC.child('distinguisherMethod', 'type'), shown, METHODS));
  }
  const levelPath = SPEC.child('priorityLevelConfiguration', 'name');
  if (level.name === '') errors.push(required(levelPath, 'must reference a priority level'));
  else appendAll(errors, invalidEach(levelPath, level.name, isDNS1123Subdomain(level.name)));
  return errors.concat(
    (spec.rules ?? []).flatMap((rule, index) => validateRule(rule, SPEC.child('rules').index(index))),
  );
}

function validateRule(rule: PolicyRulesWithSubjects, path: FieldPath): FieldError[] {
  const { subjects, resourceRules, nonResourceRules } = rule;
  const subjectsPath = path.child('subjects');
  const errors = subjects?.length
    ? subjects.flatMap((subject, index) => validateSubject(subject, subjectsPath.index(index)))
    : [required(subjectsPath, 'subjects must contain at least one value')];
  if (!resourceRules?.length && !nonResourceRules?.length) {
    errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  }
  for (const [index, resourceRule] of (resourceRules ?? []).entries()) {
    appendAll(errors, validateResourceRule(resourceRule, path.child('resourceRules').index(index)));
  }
  for (const [index, nonResourceRule] of (nonResourceRules ?? []).entries()) {
    appendAll(errors, validateNonResourceRule(nonResourceRule, path.child('nonResourceRules').index(index)));
  }
  return errors;
}

/** In the order in which upstream rejects fields of other kinds. */
const SUBJECT_FIELDS = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const;
const SUBJECT_KINDS = ['Group', 'ServiceAccount', 'User'];

function validateSubject(subject: Subject, path: FieldPath): FieldError[] {
  if (!SUBJECT_KINDS.includes(subject.kind)) {
    return [notSupported(path.child('kind'), subject.kind, SUBJECT_KINDS)];
  }
  const own = SUBJECT_FIELDS[subject.kind as keyof typeof SUBJECT_FIELDS];
  const errors = validateOwnSubject(subject, own, path.child(own));
  for (const [kind, field] of Object.entries(SUBJECT_FIELDS)) {
    if (field === own || !subject[field]) continue;
    const detail = `${field} is forbidden when subject kind is not '${kind}'`;
    errors.push(forbidden(path.child(field), detail));
  }
  return errors;
}

function validateOwnSubject(
  { kind, ...subject }: Subject,
  field: (typeof SUBJECT_FIELDS)[keyof typeof SUBJECT_FIELDS],
  path: FieldPath,
): FieldError[] {
  const value = subject[field];
  if (!value) return [required(path, `${field} is required when subject kind is '${kind}'`)];
  if ('namespace' in value) return validateServiceAccount(value, path);
  return value.name === '' ? [required(path.child('name'), '')] : [];
}

function validateServiceAccount({ name, namespace }: ServiceAccountSubject, path: FieldPath): FieldError[] {
  const namePath = path.child('name');
  const namespacePath = path.child('namespace');
  const errors: FieldError[] = [];
  if (name === '') errors.push(required(namePath, ''));
  else if (name !== '*') appendAll(errors, invalidEach(namePath, name, isDNS1123Subdomain(name)));
  if (namespace === '') {
    return [...errors, required(namespacePath, 'must specify namespace for service account')];
  }
  return errors.concat(invalidEach(namespacePath, namespace, isDNS1123Label(namespace)));
}
