import { expect, test } from 'vitest';
import { SchemaInterner } from '../../../shared/apiextensions/schema/schema-interner.ts';
import type { JSONSchemaProps } from '../../../shared/apis/apiextensions/v1/types.ts';

const text = (description: string): JSONSchemaProps => ({ type: 'string', maxLength: 5, description });

test('equal schemas become one object, regardless of their descriptions', () => {
  const schema: JSONSchemaProps = {
    type: 'object',
    description: 'outer',
    properties: {
      a: { type: 'object', properties: { x: text('one'), y: text('two') }, required: ['x'] },
      b: { type: 'object', properties: { x: text('three'), y: text('four') }, required: ['x'] },
      c: { type: 'array', items: text('five') },
      d: { type: 'object', additionalProperties: { anyOf: [text('six')], not: text('seven') } },
    },
  };
  const interner = new SchemaInterner();
  const interned = interner.intern(schema);
  const x = { type: 'string', maxLength: 5 };
  const inner = { type: 'object', properties: { x, y: x }, required: ['x'] };
  expect(interned).toEqual({
    type: 'object',
    properties: {
      a: inner,
      b: inner,
      c: { type: 'array', items: x },
      d: { type: 'object', additionalProperties: { anyOf: [x], not: x } },
    },
  });
  const { a, b, c } = interned.properties!;
  expect(a).toBe(b);
  expect(a!.properties!['x']).toBe(c!.items);
  expect(interner.intern(structuredClone(schema))).toBe(interned);
});

test.each<[string, JSONSchemaProps, JSONSchemaProps]>([
  ['a keyword', { type: 'string' }, { type: 'integer' }],
  ['a property', { properties: { a: {} } }, { properties: { b: {} } }],
  ["a property's schema", { properties: { a: { type: 'string' } } }, { properties: { a: {} } }],
  ['a list for a schema', { items: {} }, { items: [{}] }],
  ['a boolean for a schema', { additionalProperties: {} }, { additionalProperties: true }],
  ['a value that looks like a number', { default: 0 }, { default: '0' }],
  ['a property named like a keyword', { properties: { not: {} } }, { not: {} }],
  ['a default that looks like a schema', { default: { type: 'string' } }, { default: { type: 'integer' } }],
])('schemas that differ in %s stay distinct', (_, one, other) => {
  const interner = new SchemaInterner();
  expect(interner.intern(one)).not.toBe(interner.intern(other));
  expect(interner.intern(one)).toEqual(one);
  expect(interner.intern(other)).toEqual(other);
});

test('keys named like prototype members', () => {
  const schema = JSON.parse(
    '{"properties":{"__proto__":{"type":"string"},"constructor":{}}}',
  ) as JSONSchemaProps;
  const { properties } = new SchemaInterner().intern(schema);
  expect(Object.entries(properties!)).toEqual([
    ['__proto__', { type: 'string' }],
    ['constructor', {}],
  ]);
});
