import { describe, expect, test } from 'vitest';
import { compileRuleValidator, type RuleInput } from '../../../shared/apiextensions/rules/rule-validator.ts';
import { newStructural } from '../../../shared/apiextensions/schema/structural.ts';
import { CorrelatedObject } from '../../../shared/apiextensions/validation/correlated-object.ts';
import type { JSONSchemaProps, ValidationRule } from '../../../shared/apis/apiextensions/v1/types.ts';
import { formatFieldError } from '../../../shared/meta/field-error.ts';
import { FieldPath } from '../../../shared/meta/field-path.ts';
import { atOnce } from '../../../shared/util/breathe.ts';

const integer: JSONSchemaProps = { type: 'integer' };
const string: JSONSchemaProps = { type: 'string' };

function withRules(schema: JSONSchemaProps, ...rules: (string | ValidationRule)[]): JSONSchemaProps {
  return {
    ...schema,
    'x-kubernetes-validations': rules.map((rule) => (typeof rule === 'string' ? { rule } : rule)),
  };
}

function object(
  properties: Record<string, JSONSchemaProps>,
  more: Partial<JSONSchemaProps> = {},
): JSONSchemaProps {
  return { type: 'object', properties, ...more };
}

function run(schema: JSONSchemaProps, input: RuleInput) {
  const validator = atOnce(compileRuleValidator(schema, { isResourceRoot: false }))!;
  const { errors, warnings, budget } = atOnce(validator.validate(FieldPath.of('spec'), input));
  return { errors: errors.map(formatFieldError), warnings: warnings.map(formatFieldError), budget };
}

interface Case {
  readonly name: string;
  readonly schema: JSONSchemaProps;
  readonly value: unknown;
  readonly oldValue?: unknown;
  readonly errors?: readonly string[];
}

const range = object({ min: integer, max: integer });
const items = (listType: string, item: JSONSchemaProps): JSONSchemaProps => ({
  type: 'array',
  'x-kubernetes-list-type': listType,
  ...(listType === 'map' && { 'x-kubernetes-list-map-keys': ['name'] }),
  items: item,
});

const CASES: readonly Case[] = [
  { name: 'a rule that holds', schema: withRules(range, 'self.min <= self.max'), value: { min: 1, max: 2 } },
  {
    name: 'the error of a rule on an object omits its value',
    schema: withRules(range, 'self.min <= self.max'),
    value: { min: 3, max: 2 },
    errors: ['spec: Invalid value: failed rule: self.min <= self.max'],
  },
  {
    name: 'the error of a rule on a scalar includes its value',
    schema: object({ min: withRules(integer, { rule: 'self > 0', message: ' must be positive ' }) }),
    value: { min: 0 },
    errors: ['spec.min: Invalid value: 0: must be positive'],
  },
  {
    name: 'rules below lists and maps',
    schema: object({
      list: items('atomic', withRules(string, "self != 'b'")),
      map: { type: 'object', additionalProperties: withRules(integer, 'self < 2') },
    }),
    value: { list: ['a', 'b'], map: { one: 1, two: 2 } },
    errors: [
      'spec.list[1]: Invalid value: "b": failed rule: self != \'b\'',
      'spec.map[two]: Invalid value: 2: failed rule: self < 2',
    ],
  },
  {
    name: 'a broken rule is reported with its message expression, at its field path',
    schema: withRules(range, {
      rule: 'self.min <= self.max',
      message: 'unused',
      messageExpression: "'min ' + string(self.min) + ' exceeds max'",
      fieldPath: '.min',
      reason: 'FieldValueForbidden',
    }),
    value: { min: 3, max: 2 },
    errors: ['spec.min: Forbidden: min 3 exceeds max'],
  },
  ...(
    [
      ['FieldValueInvalid', 'spec: Invalid value: text'],
      ['FieldValueForbidden', 'spec: Forbidden: text'],
      ['FieldValueRequired', 'spec: Required value: text'],
      ['FieldValueDuplicate', 'spec: Duplicate value'],
    ] as const
  ).map(([reason, error]) => ({
    name: reason,
    schema: withRules(range, { rule: 'false', message: 'text', reason }),
    value: {},
    errors: [error],
  })),
  ...["''", "'two\\nlines'", "'x'.substring(5)", "duration('1s').getHours() == 0 ? '' : 'x'"].map(
    (messageExpression) => ({
      name: `a message that can't be used: ${messageExpression}`,
      schema: withRules(range, { rule: 'false', message: 'its own', messageExpression }),
      value: {},
      errors: ['spec: Invalid value: its own'],
    }),
  ),
  {
    name: 'a rule that fails to evaluate',
    schema: withRules(range, 'self.min > 0'),
    value: { max: 1 },
    errors: ['spec: Invalid value: "object": no such key: min evaluating rule: self.min > 0'],
  },
  {
    name: 'int-or-string compared with other types',
    schema: object({ port: withRules({ 'x-kubernetes-int-or-string': true }, 'self > 0') }),
    value: { port: 'http' },
    errors: [
      `spec.port: Invalid value: "": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self > 0`,
    ],
  },
  {
    name: 'reserved words and special characters in names',
    schema: withRules(
      object({ 'x-prop': integer, namespace: string }),
      "self.x__dash__prop == 1 && self.namespace == self.__namespace__ && self.namespace == 'a'",
    ),
    value: { 'x-prop': 1, namespace: 'a' },
  },
  {
    name: 'a transition rule needs an old value',
    schema: object({ min: withRules(integer, 'self >= oldSelf') }),
    value: { min: 1 },
  },
  {
    name: 'a transition rule',
    schema: object({ min: withRules(integer, 'self >= oldSelf') }),
    value: { min: 1 },
    oldValue: { min: 2 },
    errors: ['spec.min: Invalid value: 1: failed rule: self >= oldSelf'],
  },
  {
    name: 'an optional old value',
    schema: object({
      min: withRules(integer, { rule: 'oldSelf.hasValue() || self == 1', optionalOldSelf: true }),
    }),
    value: { min: 2 },
    errors: ['spec.min: Invalid value: 2: failed rule: oldSelf.hasValue() || self == 1'],
  },
  {
    name: 'items are matched by their keys',
    schema: items('map', object({ name: string, size: withRules(integer, 'self >= oldSelf') })),
    value: [
      { name: 'b', size: 1 },
      { name: 'a', size: 1 },
      { name: 'new', size: 0 },
    ],
    oldValue: [
      { name: 'a', size: 2 },
      { name: 'b', size: 1 },
    ],
    errors: ['spec[1].size: Invalid value: 1: failed rule: self >= oldSelf'],
  },
  { name: 'a blank rule', schema: withRules(range, ' '), value: {} },
  {
    name: 'names that objects inherit',
    schema: object({ constructor: withRules(integer, 'self > 0') }),
    value: { constructor: 0, __proto__: {} },
    errors: ['spec.constructor: Invalid value: 0: failed rule: self > 0'],
  },
];

test.each(CASES)('$name', ({ schema, value, oldValue, errors = [] }) => {
  expect(run(schema, { value, oldValue }).errors).toEqual(errors);
});

describe('cost', () => {
  const schema = object({
    a: withRules(integer, 'self > 0'),
    b: withRules(integer, 'self > 0'),
  });

  test('is taken from the budget', () => {
    expect(run(schema, { value: { a: 1, b: 1 }, oldValue: undefined }).budget).toBe(10_000_000 - 4);
  });

  test('ends the evaluation when the budget is spent', () => {
    const { errors, budget } = run(schema, { value: { a: 1, b: 1 }, oldValue: undefined, budget: 3 });
    const detail =
      'validation failed due to running out of cost budget, no further validation rules will be run';
    expect({ errors, budget }).toEqual({
      errors: [`spec.b: Invalid value: "integer": ${detail}`],
      budget: -1,
    });
  });

  test('of one call is limited', () => {
    const list = items('atomic', integer);
    const rule = 'self.all(x, self.all(y, self.all(z, x + y + z < 0 || true)))';
    const value = Array.from({ length: 100 }, (_, index) => index);
    const { errors } = run(withRules(list, rule, 'false'), { value, oldValue: undefined });
    expect(errors).toEqual([
      `spec: Invalid value: "array": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${rule}`,
    ]);
  });
});

describe('ratcheting', () => {
  const schema = object({
    a: withRules(string, "self == 'good'"),
    b: withRules(string, "self == 'good' || self == oldSelf"),
  });
  const update = (value: unknown, oldValue: unknown) => {
    const correlation = new CorrelatedObject(value, oldValue, newStructural(schema));
    const { errors, warnings } = run(schema, { value, oldValue, correlation });
    return { errors, warnings };
  };

  test('accepts existing violations', () => {
    expect(update({ a: 'bad' }, { a: 'bad' })).toEqual({
      errors: [],
      warnings: [`spec.a: Invalid value: "bad": failed rule: self == 'good'`],
    });
  });

  test('but no new ones', () => {
    expect(update({ a: 'worse' }, { a: 'bad' })).toEqual({
      errors: [`spec.a: Invalid value: "worse": failed rule: self == 'good'`],
      warnings: [],
    });
  });

  test('does not apply to transition rules', () => {
    expect(update({ b: 'bad' }, { b: 'worse' })).toEqual({
      errors: [`spec.b: Invalid value: "bad": failed rule: self == 'good' || self == oldSelf`],
      warnings: [],
    });
  });
});
