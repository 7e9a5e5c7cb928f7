import { beforeAll, describe, expect, test } from 'vitest';
import {
  pruneNonNullableNullsWithoutDefaults,
  setDefaults,
} from '../../../shared/apiextensions/schema/defaulting.ts';
import { validateListSetsAndMaps } from '../../../shared/apiextensions/schema/list-types.ts';
import { prune } from '../../../shared/apiextensions/schema/pruning.ts';
import { newStructural, structuralError } from '../../../shared/apiextensions/schema/structural.ts';
import { validateStructural } from '../../../shared/apiextensions/schema/structural-validation.ts';
import { UnknownFields } from '../../../shared/apiextensions/schema/unknown-fields.ts';
import type { JSONSchemaProps } from '../../../shared/apis/apiextensions/v1/types.ts';
import { formatFieldError } from '../../../shared/meta/field-error.ts';
import { FieldPath } from '../../../shared/meta/field-path.ts';
import { atOnce } from '../../../shared/util/breathe.ts';
import { loadRegexps, type RegexpFactory } from '../../../shared/util/regexp.ts';
import fc from '../../fixtures/fuzz.ts';

let regexp: RegexpFactory;
beforeAll(async () => {
  regexp = await loadRegexps();
});

const string: JSONSchemaProps = { type: 'string' };
const object = (
  properties: Record<string, JSONSchemaProps>,
  more: JSONSchemaProps = {},
): JSONSchemaProps => ({
  type: 'object',
  properties,
  ...more,
});
const preserve: JSONSchemaProps = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

describe('structural schemas', () => {
  const cases: readonly (readonly [string, JSONSchemaProps, readonly string[]])[] = [
    ['good', object({ spec: object({ a: string, n: { 'x-kubernetes-int-or-string': true } }) }), []],
    ['no type at the root', { properties: {} }, ['s.type: Required value: must not be empty at the root']],
    [
      'root of another type',
      { type: 'array', items: string },
      ['s.type: Invalid value: "array": must be object at the root'],
    ],
    [
      'no type of a field',
      object({ a: {} }),
      ['s.properties[a].type: Required value: must not be empty for specified object fields'],
    ],
    [
      'no type of items',
      object({ a: { type: 'array', items: {} } }),
      ['s.properties[a].items.type: Required value: must not be empty for specified array items'],
    ],
    [
      'no items',
      object({ a: { type: 'array' } }),
      ['s.properties[a].items: Required value: must be specified'],
    ],
    [
      'additionalProperties at the root',
      { type: 'object', additionalProperties: string },
      ['s.additionalProperties: Forbidden: must not be used at the root'],
    ],
    [
      'structure in a junctor',
      object({
        a: {
          type: 'string',
          anyOf: [{ type: 'string', title: 't', description: 'd', nullable: true, default: 1 }],
        },
      }),
      [
        's.properties[a].anyOf[0].default: Forbidden: must be undefined to be structural',
        's.properties[a].anyOf[0].description: Forbidden: must be empty to be structural',
        's.properties[a].anyOf[0].nullable: Forbidden: must be false to be structural',
        's.properties[a].anyOf[0].title: Forbidden: must be empty to be structural',
        's.properties[a].anyOf[0].type: Forbidden: must be empty to be structural',
      ],
    ],
    [
      'int-or-string says its types in anyOf',
      object({ a: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } }),
      [],
    ],
    [
      'and in allOf',
      object({
        a: {
          'x-kubernetes-int-or-string': true,
          allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { pattern: 'a' }],
        },
      }),
      [],
    ],
    [
      'validated but not specified',
      object(
        { a: object({}) },
        { anyOf: [{ properties: { a: { required: ['b'], properties: { b: {} } } } }] },
      ),
      [
        's.properties[a].properties[b]: Required value: because it is defined in s.anyOf[0].properties[a].properties[b]',
      ],
    ],
    [
      'a bad pattern',
      object({ a: { type: 'string', pattern: '[' } }),
      [
        's.properties[a].pattern: Invalid value: "[": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ]: `[`',
      ],
    ],
    [
      'metadata may restrict names',
      object({ metadata: object({ name: { type: 'string', maxLength: 5 } }) }),
      [],
    ],
    [
      'and nothing else',
      object({ metadata: object({ labels: preserve }) }),
      [
        's.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
      ],
    ],
    [
      'embedded resource',
      object({ a: { type: 'object', 'x-kubernetes-embedded-resource': true } }),
      [
        's.properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ],
    ],
    [
      'embedded resource of another type',
      object({
        a: {
          type: 'string',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
      }),
      [
        's.properties[a].type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true',
      ],
    ],
  ];
  test.each(cases)('%s', (_, schema, expected) => {
    expect(atOnce(validateStructural(FieldPath.of('s'), schema, regexp)).map(formatFieldError)).toEqual(
      expected,
    );
  });

  test.each([
    [{ $ref: 'x' }, "OpenAPIV3Schema '$ref' is not supported"],
    [
      object({ a: { type: 'array', items: [string] } }),
      "OpenAPIV3Schema 'items' must be a schema, but is an array",
    ],
    [object({ a: { not: { definitions: { x: {} } } } }), "OpenAPIV3Schema 'definitions' is not supported"],
    [
      { 'x-kubernetes-preserve-unknown-fields': false },
      "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined",
    ],
    [object({ constructor: string }), undefined],
  ] as const)('%j: %s', (schema, error) => {
    expect(structuralError(schema as JSONSchemaProps)).toBe(error);
  });
});

describe('pruning', () => {
  const schema = object({
    a: string,
    list: { type: 'array', items: object({ b: string }) },
    map: { type: 'object', additionalProperties: object({ c: string }) },
    any: object({ known: object({ d: string }) }, preserve),
    embedded: object({ spec: object({}) }, { 'x-kubernetes-embedded-resource': true }),
    scalars: { type: 'object', additionalProperties: true },
  });
  const cases: readonly (readonly [string, unknown, unknown, readonly string[]])[] = [
    ['unknown fields go', { a: '', x: 1, spec: {} }, { a: '' }, ['spec', 'x']],
    [
      'type and metadata stay',
      { apiVersion: 'v', kind: 'k', metadata: { any: 1 } },
      { apiVersion: 'v', kind: 'k', metadata: { any: 1 } },
      [],
    ],
    [
      'in lists and maps',
      { list: [{ b: '', x: 1 }], map: { k: { c: '', x: 1 } } },
      { list: [{ b: '' }], map: { k: { c: '' } } },
      ['list[0].x', 'map.k.x'],
    ],
    [
      'preserved, but for what is specified',
      { any: { x: { y: 1 }, known: { d: '', x: 1 } } },
      { any: { x: { y: 1 }, known: { d: '' } } },
      ['any.known.x'],
    ],
    [
      'embedded resources keep theirs',
      { embedded: { kind: 'k', metadata: { x: 1 }, spec: { x: 1 }, y: 1 } },
      { embedded: { kind: 'k', metadata: { x: 1 }, spec: {} } },
      ['embedded.spec.x', 'embedded.y'],
    ],
    [
      'additionalProperties true knows no structure',
      { scalars: { a: 1, b: { c: 1 } } },
      { scalars: { a: 1, b: {} } },
      ['scalars.b.c'],
    ],
    [
      'names of Object',
      JSON.parse('{"__proto__": {"x": 1}, "constructor": 1, "map": {"__proto__": {"c": "", "x": 1}}}'),
      JSON.parse('{"map": {"__proto__": {"c": ""}}}'),
      ['__proto__', 'constructor', 'map.__proto__.x'],
    ],
  ];
  test.each(cases)('%s', (_, value, expected, paths) => {
    const unknown = new UnknownFields();
    prune(value, newStructural(schema), unknown);
    expect(JSON.stringify(value)).toBe(JSON.stringify(expected));
    expect(unknown.sorted()).toEqual(paths);
  });

  test('without a schema all fields are unknown', () => {
    const value = { kind: 'k', spec: { a: 1 } };
    prune(value, undefined);
    expect(value).toEqual({ kind: 'k' });
  });
});

describe('defaults', () => {
  const schema = object({
    a: { type: 'string', default: 'A' },
    n: { type: 'string', nullable: true, default: 'N' },
    o: object({ x: { type: 'integer', default: 1 } }, { default: {} }),
    u: object({ x: { type: 'integer', default: 1 } }),
    list: { type: 'array', items: object({ y: { type: 'boolean', default: false } }) },
    map: { type: 'object', additionalProperties: { type: 'string' } },
    __proto: string,
  });
  const cases: readonly (readonly [string, unknown, unknown])[] = [
    ['nested ones only where there is something', {}, { a: 'A', n: 'N', o: { x: 1 } }],
    [
      'null is absent, unless allowed',
      { a: null, n: null, u: {} },
      { a: 'A', n: null, o: { x: 1 }, u: { x: 1 } },
    ],
    [
      'items',
      { list: [{}, { y: true }] },
      { list: [{ y: false }, { y: true }], a: 'A', n: 'N', o: { x: 1 } },
    ],
    [
      'null without default goes',
      { u: null, map: { k: null, l: '' } },
      { map: { l: '' }, a: 'A', n: 'N', o: { x: 1 } },
    ],
  ];
  test.each(cases)('%s', (_, value, expected) => {
    const structural = newStructural(schema);
    pruneNonNullableNullsWithoutDefaults(value, structural);
    setDefaults(value, structural);
    expect(value).toEqual(expected);
  });

  test('a field named __proto__ is a field', () => {
    const schema = newStructural({
      type: 'object',
      properties: JSON.parse('{"__proto__": {"type": "string", "default": "x"}}'),
    });
    const value = {};
    setDefaults(value, schema);
    expect(JSON.stringify(value)).toBe('{"__proto__":"x"}');
  });

  test('pruned and defaulted objects are stable', () => {
    const structural = newStructural(schema);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'n', 'o', 'u', 'list', 'map', 'x'), fc.jsonValue()),
        (value) => {
          const pass = (): string => {
            prune(value, structural);
            pruneNonNullableNullsWithoutDefaults(value, structural);
            setDefaults(value, structural);
            return JSON.stringify(value);
          };
          expect(pass()).toBe(pass());
        },
      ),
    );
  });
});

describe('lists of type set and map', () => {
  const list = (more: JSONSchemaProps): JSONSchemaProps => object({ l: { type: 'array', ...more } });
  const set = list({ items: string, 'x-kubernetes-list-type': 'set' });
  const map = list({
    items: object({ k: string, m: string }),
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k'],
  });
  const pairs = list({
    items: object({ k: string, m: string }),
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k', 'm'],
  });
  const cases: readonly (readonly [string, JSONSchemaProps, readonly unknown[], readonly string[]])[] = [
    ['unique', set, ['a', 'b'], []],
    [
      'each duplicate value is reported once',
      set,
      ['a', 'b', 'a', 'a', 'b'],
      ['l[2]: Duplicate value: "a"', 'l[4]: Duplicate value: "b"'],
    ],
    [
      'equal objects',
      set,
      [
        { x: 1, y: 2 },
        { y: 2, x: 1 },
      ],
      ['l[1]: Duplicate value: {"y":2,"x":1}'],
    ],
    [
      'duplicate keys',
      map,
      [
        { k: 'a', m: '1' },
        { k: 'a', m: '2' },
      ],
      ['l[1]: Duplicate value: {"k":"a"}'],
    ],
    ['missing keys', map, [{}, { m: '2' }], ['l[1]: Duplicate value: {}']],
    [
      'several keys',
      pairs,
      [
        { k: 'a', m: '1' },
        { k: 'a', m: '2' },
        { k: 'a', m: '1' },
      ],
      ['l[2]: Duplicate value: {"k":"a","m":"1"}'],
    ],
    [
      "items that aren't objects",
      map,
      ['a'],
      ['l[0]: Invalid value: "a": must be an object for an array of list-type map'],
    ],
  ];
  test.each(cases)('%s', (_, schema, value, expected) => {
    const errors = atOnce(validateListSetsAndMaps(undefined, newStructural(schema), { l: value }));
    expect(errors.map(formatFieldError)).toEqual(expected);
  });
});
