import { beforeAll, describe, expect, test } from 'vitest';
import { newStructural } from '../../../shared/apiextensions/schema/structural.ts';
import { CorrelatedObject } from '../../../shared/apiextensions/validation/correlated-object.ts';
import { SchemaValidator } from '../../../shared/apiextensions/validation/schema-validator.ts';
import type { JSONSchemaProps } from '../../../shared/apis/apiextensions/v1/types.ts';
import { formatFieldError } from '../../../shared/meta/field-error.ts';
import { FieldPath } from '../../../shared/meta/field-path.ts';
import { atOnce } from '../../../shared/util/breathe.ts';
import { loadRegexps, type RegexpFactory } from '../../../shared/util/regexp.ts';

let regexp: RegexpFactory;
beforeAll(async () => {
  regexp = await loadRegexps();
});

const spec = (schema: JSONSchemaProps): JSONSchemaProps => ({
  type: 'object',
  properties: { spec: { type: 'object', properties: { x: schema } } },
});

/** Schema of `spec.x`, its value, and all errors as formatted in a Status message. */
const CASES: readonly (readonly [string, JSONSchemaProps, unknown, readonly string[]])[] = [
  ['integer', { type: 'integer' }, 3, []],
  [
    'string for integer',
    { type: 'integer' },
    'string',
    ['spec.x: Invalid value: "string": spec.x in body must be of type integer: "string"'],
  ],
  [
    'fraction for integer',
    { type: 'integer' },
    1.5,
    [
      'spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"',
      '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.x',
    ],
  ],
  ['integer for number', { type: 'number' }, 3, []],
  [
    'integer for string',
    { type: 'string' },
    3,
    ['spec.x: Invalid value: "integer": spec.x in body must be of type string: "integer"'],
  ],
  [
    'boolean for object',
    { type: 'object' },
    true,
    ['spec.x: Invalid value: "boolean": spec.x in body must be of type object: "boolean"'],
  ],
  [
    'list for object',
    { type: 'object' },
    [],
    ['spec.x: Invalid value: "array": spec.x in body must be of type object: "array"'],
  ],
  [
    'null',
    { type: 'string' },
    null,
    ['spec.x: Invalid value: "null": spec.x in body must be of type string: "null"'],
  ],
  ['nullable', { type: 'string', nullable: true }, null, []],
  [
    'int32',
    { type: 'integer', format: 'int32' },
    2 ** 31,
    ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.x'],
  ],
  ['int64', { type: 'integer', format: 'int64' }, 2n ** 62n, []],
  ['int-or-string', { 'x-kubernetes-int-or-string': true }, 'a', []],
  [
    'int-or-string, neither',
    { 'x-kubernetes-int-or-string': true },
    true,
    ['spec.x: Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"'],
  ],
  [
    'maximum',
    { type: 'integer', maximum: 5 },
    6,
    ['spec.x: Invalid value: 6: spec.x in body should be less than or equal to 5'],
  ],
  [
    'exclusive maximum',
    { type: 'integer', maximum: 5, exclusiveMaximum: true },
    5,
    ['spec.x: Invalid value: 5: spec.x in body should be less than 5'],
  ],
  [
    'minimum',
    { type: 'number', minimum: 0.5 },
    0.25,
    ['spec.x: Invalid value: 0.25: spec.x in body should be greater than or equal to 0.5'],
  ],
  [
    'exclusive minimum',
    { type: 'number', minimum: 0.00001, exclusiveMinimum: true },
    0.00001,
    ['spec.x: Invalid value: 1e-05: spec.x in body should be greater than 1e-05'],
  ],
  [
    'multipleOf',
    { type: 'integer', multipleOf: 3 },
    4,
    ['spec.x: Invalid value: 4: spec.x in body should be a multiple of 3'],
  ],
  ['multipleOf fraction', { type: 'number', multipleOf: 0.1 }, 0.3, []],
  ['maxLength', { type: 'string', maxLength: 2 }, 'abc', ['spec.x: Too long: may not be more than 2 bytes']],
  ['maxLength counts characters', { type: 'string', maxLength: 2 }, '😀😀', []],
  [
    'minLength',
    { type: 'string', minLength: 2 },
    '😀',
    ['spec.x: Invalid value: "😀": spec.x in body should be at least 2 chars long'],
  ],
  [
    'pattern',
    { type: 'string', pattern: '^a+$' },
    'b',
    [`spec.x: Invalid value: "b": spec.x in body should match '^a+$'`],
  ],
  ['pattern unanchored', { type: 'string', pattern: 'a' }, 'bab', []],
  [
    'enum',
    { type: 'string', enum: ['a', 'b'] },
    'c',
    ['spec.x: Unsupported value: "c": supported values: "a", "b"'],
  ],
  [
    'enum of numbers',
    { type: 'integer', enum: [1, 2] },
    3,
    ['spec.x: Unsupported value: 3: supported values: "1", "2"'],
  ],
  [
    'enum rejects null',
    { type: 'string', nullable: true, enum: ['a'] },
    null,
    ['spec.x: Unsupported value: null: supported values: "a"'],
  ],
  [
    'format',
    { type: 'string', format: 'email' },
    'me',
    ['spec.x: Invalid value: "me": spec.x in body must be of type email: "me"'],
  ],
  ['unknown format', { type: 'string', format: 'marsian' }, 'me', []],
  [
    'minItems',
    { type: 'array', minItems: 1, items: { type: 'string' } },
    [],
    ['spec.x: Invalid value: 0: spec.x in body should have at least 1 items'],
  ],
  [
    'maxItems',
    { type: 'array', maxItems: 1, items: { type: 'string' } },
    ['a', 'b'],
    ['spec.x: Too many: 2: must have at most 1 item'],
  ],
  [
    'items',
    { type: 'array', items: { type: 'string' } },
    ['a', 2],
    ['spec.x[1]: Invalid value: "integer": spec.x[1] in body must be of type string: "integer"'],
  ],
  ['required', { type: 'object', required: ['a'] }, {}, ['spec.x.a: Required value']],
  [
    'required, inherited name',
    { type: 'object', required: ['constructor'] },
    {},
    ['spec.x.constructor: Required value'],
  ],
  [
    'minProperties',
    { type: 'object', minProperties: 1 },
    {},
    ['spec.x: Invalid value: 0: spec.x in body should have at least 1 properties'],
  ],
  [
    'maxProperties',
    { type: 'object', maxProperties: 0 },
    { a: 1 },
    ['spec.x: Too many: 1: must have at most 0 items'],
  ],
  [
    'additionalProperties',
    { type: 'object', additionalProperties: { type: 'string' } },
    { a: 'x', b: 1 },
    ['spec.x.b: Invalid value: "integer": spec.x.b in body must be of type string: "integer"'],
  ],
  [
    'oneOf, none',
    { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    {},
    [
      '<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found none valid',
      'spec.x.a: Required value',
    ],
  ],
  [
    'oneOf, two',
    { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    { a: 1, b: 1 },
    [
      '<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  ],
  [
    'anyOf reports the closest alternative',
    {
      type: 'object',
      anyOf: [{ required: ['a'] }, { properties: { b: { minimum: 3 }, c: { minimum: 3 } } }],
    },
    { b: 1, c: 4 },
    [
      '<nil>: Invalid value: "": "spec.x" must validate at least one schema (anyOf)',
      'spec.x.b: Invalid value: 1: spec.x.b in body should be greater than or equal to 3',
    ],
  ],
  [
    'allOf',
    { type: 'integer', allOf: [{ minimum: 3 }, { maximum: 5 }] },
    6,
    [
      'spec.x: Invalid value: 6: spec.x in body should be less than or equal to 5',
      '<nil>: Invalid value: "": "spec.x" must validate all the schemas (allOf)',
    ],
  ],
  [
    'not',
    { type: 'integer', not: { minimum: 3 } },
    4,
    ['<nil>: Invalid value: "": "spec.x" must not validate the schema (not)'],
  ],
];

test.each(CASES)('%s', (_, schema, value, expected) => {
  const validator = new SchemaValidator(spec(schema), regexp);
  expect(atOnce(validator.validate(undefined, { spec: { x: value } })).map(formatFieldError)).toEqual(
    expected,
  );
});

test('errors of a status have its path, their messages the path within it', () => {
  const validator = new SchemaValidator({ type: 'object', properties: { n: { type: 'integer' } } }, regexp);
  expect(atOnce(validator.validate(FieldPath.of('status'), { n: 'a' })).map(formatFieldError)).toEqual([
    'status.n: Invalid value: "string": n in body must be of type integer: "string"',
  ]);
});

describe('ratcheting', () => {
  const schema: JSONSchemaProps = {
    type: 'object',
    properties: {
      a: { type: 'string', minLength: 3 },
      list: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'integer', maximum: 2 } } },
      },
      atomic: { type: 'array', items: { type: 'integer', maximum: 2 } },
    },
  };
  const A = 'a: Invalid value: "x": a in body should be at least 3 chars long';
  const cases: readonly (readonly [string, unknown, unknown, readonly string[]])[] = [
    ['an unchanged error is tolerated', { a: 'x', atomic: [] }, { a: 'x' }, []],
    ['a changed invalid value is rejected', { a: 'x' }, { a: 'y' }, [A]],
    ['a new invalid value is rejected', { a: 'x' }, {}, [A]],
    ['items correlate by key', { list: [{ k: 'n' }, { k: 'b', v: 9 }] }, { list: [{ k: 'b', v: 9 }] }, []],
    [
      'items are validated one by one',
      { list: [{ k: 'b', v: 8 }] },
      { list: [{ k: 'b', v: 9 }] },
      ['list[0].v: Invalid value: 8: list[0].v in body should be less than or equal to 2'],
    ],
    [
      'items of atomic lists do not correlate',
      { atomic: [9, 1] },
      { atomic: [9] },
      ['atomic[0]: Invalid value: 9: atomic[0] in body should be less than or equal to 2'],
    ],
    ['an atomic list correlates as a whole', { atomic: [9], a: 'xyz' }, { atomic: [9] }, []],
  ];
  test.each(cases)('%s', (_, value, old, expected) => {
    const validator = new SchemaValidator(schema, regexp);
    const correlation = new CorrelatedObject(value, old, newStructural(schema));
    expect(atOnce(validator.validateUpdate(undefined, value, correlation)).map(formatFieldError)).toEqual(
      expected,
    );
  });
});
