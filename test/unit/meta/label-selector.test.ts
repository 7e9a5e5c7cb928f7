import { expect, test } from 'vitest';
import { formatFieldError } from '../../../shared/meta/field-error.ts';
import { FieldPath } from '../../../shared/meta/field-path.ts';
import type { Condition, LabelSelector } from '../../../shared/meta/v1/types.ts';
import { validateConditions } from '../../../shared/meta/validation/conditions.ts';
import {
  labelSelectorHasInvalidLabelValue,
  validateFieldSelectorRequirement,
  validateLabelSelector,
} from '../../../shared/meta/validation/label-selector.ts';

const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const path = FieldPath.of('spec', 'selector');

test.each<[LabelSelector | undefined, string[]]>([
  [undefined, []],
  [{ matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'Exists' }] }, []],
  [{ matchLabels: { a: '-' } }, [`spec.selector.matchLabels: Invalid value: "-": ${VALUE}`]],
  [
    {
      matchExpressions: [
        { key: 'a', operator: 'In' },
        { key: 'a', operator: 'Exists', values: ['b'] },
        { key: 'a', operator: 'Gt', values: ['-'] },
      ],
    },
    [
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      "spec.selector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      'spec.selector.matchExpressions[2].operator: Invalid value: "Gt": not a valid selector operator',
      `spec.selector.matchExpressions[2].values[0]: Invalid value: "-": ${VALUE}`,
    ],
  ],
])('%j', (selector, messages) => {
  expect(validateLabelSelector(selector, path).map(formatFieldError)).toEqual(messages);
});

test('stored selectors may keep bad values', () => {
  const selector = { matchExpressions: [{ key: 'a', operator: 'In', values: ['-'] }] };
  expect([
    labelSelectorHasInvalidLabelValue(selector),
    validateLabelSelector(selector, path, { allowInvalidLabelValueInSelector: true }),
  ]).toEqual([true, []]);
});

test('field selector requirements', () => {
  const requirement = { key: '', operator: 'Like', values: [] };
  expect(validateFieldSelectorRequirement(requirement, FieldPath.of('r')).map(formatFieldError)).toEqual([
    'r.key: Required value: must be specified',
    'r.operator: Invalid value: "Like": not a valid selector operator',
  ]);
});

const READY: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Done',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};

test.each<[Condition[], string[]]>([
  [[READY], []],
  [[READY, READY], ['c[1]: Duplicate value: "Ready"']],
  [
    [{ type: '', status: 'Yes', reason: '1', message: '', observedGeneration: -1 }],
    [
      'c[0].type: Required value: is required',
      'c[0].status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"',
      'c[0].observedGeneration: Invalid value: -1: must be greater than or equal to zero',
      'c[0].lastTransitionTime: Required value',
      "c[0].reason: Invalid value: \"1\": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')",
    ],
  ],
])('conditions %#', (conditions, messages) => {
  expect(validateConditions(conditions, FieldPath.of('c')).map(formatFieldError)).toEqual(messages);
});
