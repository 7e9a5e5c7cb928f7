import { expect, test } from 'vitest';
import { tellDeclared } from '../../../shared/apis/declarative/covered-errors.ts';
import {
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
    'rbac.authorization.k8s.io',
    'Role',
    [
      required('rules[1].verbs', 'verbs must contain at least one value'),
      required('rules[1].resources', 'x'),
    ],
    ['rules[1].resources: Required value: x', 'rules[1].verbs: Required value'],
  ],
  [
    'node.k8s.io',
    'RuntimeClass',
    [invalid('handler', 'x', 'must be no more than 63 characters')],
    ['handler: Invalid value: "x": must be no more than 63 bytes'],
  ],
  ['', 'Pod', [required('spec.schedule', 'x')], ['spec.schedule: Required value: x']],
])('%s %s', (group, kind, errors, told) => {
  expect(tellDeclared({ group, kind }, errors).map(formatFieldError)).toEqual(told);
});
