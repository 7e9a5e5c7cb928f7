import { expect, test } from 'vitest';
import { orderDeclaredErrors } from '../../../shared/apis/declarative/covered-errors.ts';
import {
  covered,
  type FieldError,
  forbidden,
  formatFieldError,
  invalid,
  required,
} from '../../../shared/meta/field-error.ts';

test.each<[group: string, kind: string, errors: FieldError[], told: string[]]>([
  [
    'autoscaling',
    'HorizontalPodAutoscaler',
    [
      required('spec.maxReplicas', 'must be set and greater than 0'),
      invalid('spec.maxReplicas', 0, 'must be greater than or equal to `minReplicas`'),
    ],
    [
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      'spec.maxReplicas: Required value',
    ],
  ],
  [
    'flowcontrol.apiserver.k8s.io',
    'PriorityLevelConfiguration',
    [required('spec.type', ''), forbidden('spec.limited', 'must be nil if the type is not Limited')],
    ['spec.limited: Forbidden', 'spec.type: Required value'],
  ],
  [
    'batch',
    'CronJob',
    [required('spec.schedule', 'x'), required('spec.jobTemplate', 'x')],
    ['spec.jobTemplate: Required value: x', 'spec.schedule: Required value'],
  ],
  ['', 'Pod', [required('spec.schedule', 'x')], ['spec.schedule: Required value: x']],
])('%s %s', (group, kind, errors, told) => {
  expect(
    orderDeclaredErrors({ group, kind }, errors, { hasRules: false, isOn: true }).map(formatFieldError),
  ).toEqual(told);
});

const IMMUTABLE = 'field is immutable';
const declared = (error: FieldError, origin: string): FieldError => ({ ...error, origin, declared: true });

test.each<[group: string, kind: string, errors: FieldError[], told: string[]]>([
  [
    'node.k8s.io',
    'RuntimeClass',
    [
      invalid('handler', 'A', 'must be x'),
      invalid('handler', 'A', IMMUTABLE),
      declared(invalid('handler', null, IMMUTABLE), 'immutable'),
    ],
    [`handler: Invalid value: "A": must be x`, `handler: Invalid value: null: ${IMMUTABLE}`],
  ],
  [
    'node.k8s.io',
    'RuntimeClass',
    [invalid('handler', 'A', 'must be x'), declared(invalid('handler', 'A', 'must be y'), 'format')],
    ['handler: Invalid value: "A": must be y'],
  ],
  [
    'rbac.authorization.k8s.io',
    'Role',
    [
      required('rules[0].verbs', 'x'),
      declared(required('rules[1].verbs', ''), 'required'),
      required('rules[1].verbs', 'x'),
      required('rules[1].resources', 'x'),
    ],
    [
      'rules[0].verbs: Required value: x',
      'rules[1].resources: Required value: x',
      'rules[1].verbs: Required value',
    ],
  ],
  [
    'resource.k8s.io',
    'ResourceClaim',
    [
      ...covered([required('spec.a', 'x'), invalid('spec.b', 1, 'x')]),
      required('spec.b', 'x'),
      declared(invalid('spec.b', 1, 'y'), 'union'),
    ],
    ['spec.a: Required value: x', 'spec.b: Required value: x', 'spec.b: Invalid value: 1: y'],
  ],
  [
    'resource.k8s.io',
    'DeviceClass',
    [invalid('metadata.name', 'x', 'must be no more than 253 characters'), required('spec.a', 'x')],
    ['spec.a: Required value: x', 'metadata.name: Invalid value: "x": must be no more than 253 bytes'],
  ],
])('%s %s, with rules in a table', (group, kind, errors, told) => {
  expect(
    orderDeclaredErrors({ group, kind }, errors, { hasRules: true, isOn: true }).map(formatFieldError),
  ).toEqual(told);
});

test('handwritten errors are reported where declarative ones are not in force', () => {
  const kind = { group: 'batch', kind: 'CronJob' };
  const errors = [required('spec.schedule', 'by hand'), required('spec.other', '')];
  expect(orderDeclaredErrors(kind, errors, { hasRules: false, isOn: false })).toEqual(errors);
});
