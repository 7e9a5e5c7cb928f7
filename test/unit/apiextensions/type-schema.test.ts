import { expect, test } from 'vitest';
import { newStructural } from '../../../shared/apiextensions/schema/structural.ts';
import { typeSchemaOf } from '../../../shared/apiextensions/schema/type-schema.ts';

test.each([
  [{ type: 'string' }, 'string'],
  [{ type: 'string', format: 'byte' }, 'string'],
  [{ type: 'string', format: 'date-time' }, 'int-or-string'],
  [{ type: 'string', format: 'email' }, 'int-or-string'],
  [{ type: 'integer', format: 'int32' }, 'int64'],
  [{ type: 'number', format: 'float' }, 'double'],
  [{ type: 'boolean' }, 'boolean'],
])('%j merges as %s', (schema, type) => {
  const structural = newStructural({ type: 'object', properties: { a: schema } });
  const objectMeta = { kind: 'untyped', type: 'any' } as const;
  expect(typeSchemaOf('x', structural, { objectMeta }).fields.get('a')?.schema).toEqual({
    kind: 'scalar',
    type,
  });
});
