/** Numbers as Go reads and judges them: without a point an int64 if it fits, otherwise a float64. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JSONSchemaProps } from '../../../shared/apis/apiextensions/v1/types.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import {
  DEFINITIONS,
  definitionManifest,
  GROUP,
  pathOf,
  schemaOf,
} from '../../fixtures/apiextensions/manifest.ts';

const FIELDS: Readonly<Record<string, JSONSchemaProps>> = {
  integer: { type: 'integer' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  number: { type: 'number' },
  float: { type: 'number', format: 'float' },
  intOrString: { 'x-kubernetes-int-or-string': true },
  few: { type: 'integer', enum: [1, 2] },
  sevens: { type: 'integer', multipleOf: 7 },
  any: { 'x-kubernetes-preserve-unknown-fields': true },
};

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const schema = schemaOf({ type: 'object', properties: FIELDS });
  const { status } = await call(server, 'POST', DEFINITIONS, {
    body: definitionManifest('Numbered', [{ schema }]),
  });
  expect(status).toBe(201);
});
afterAll(() => server.close());

const create = (field: string, literal: string, format: 'json' | 'yaml') =>
  call(server, 'POST', `${pathOf('Numbered')}?dryRun=All`, {
    headers: { 'content-type': `application/${format}` },
    body: `{"apiVersion":"${GROUP}/v1","kind":"Numbered","metadata":{"name":"a"},"spec":{"${field}": ${literal}}}`,
  });

describe('accepted', () => {
  test.each([
    ['integer', '1.0', '1'],
    ['integer', '1e3', '1000'],
    ['integer', '-0', '0'],
    ['integer', '9007199254740993', '9007199254740993'],
    ['integer', '-9223372036854775808', '-9223372036854775808'],
    ['int32', '2147483647.0', '2147483647'],
    ['int64', '1.0', '1'],
    ['number', '1', '1'],
    ['number', '1e308', '1e+308'],
    ['number', '9007199254740993', '9007199254740993'],
    ['intOrString', '1.0', '1'],
    ['few', '1.0', '1'],
    ['sevens', '7.0', '7'],
    ['any', '[1.0, 1.5, 9007199254740993]', '[1,1.5,9007199254740993]'],
  ])('%s %s', async (field, literal, stored) => {
    for (const format of ['json', 'yaml'] as const) {
      const { text } = await create(field, literal, format);
      expect(text).toContain(`"spec":{"${field}":${stored}}`);
    }
  });
});

describe('refused', () => {
  const range = (field: string, subject: string) =>
    `<nil>: Invalid value: "": Checked value must be of type ${subject} in spec.${field}`;
  const type = (field: string, types: string) =>
    `spec.${field}: Invalid value: "number": spec.${field} in body must be of type ${types}: "number"`;
  const invalid = (...texts: string[]) =>
    `Numbered.${GROUP} "a" is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`;

  test.each([
    ['integer', '1.5', invalid(type('integer', 'integer'), range('integer', 'integer (default format)'))],
    [
      'integer',
      '9223372036854775808',
      invalid(type('integer', 'integer'), range('integer', 'integer (default format)')),
    ],
    ['int32', '2147483648', invalid(range('int32', 'integer with format int32'))],
    ['int32', '1e10', invalid(range('int32', 'integer with format int32'))],
    ['float', '1e39', invalid(range('float', 'number with format float'))],
    ['intOrString', '1.5', invalid(type('intOrString', 'integer,string'))],
    ['few', '3.0', invalid('spec.few: Unsupported value: 3: supported values: "1", "2"')],
    ['sevens', '8', invalid('spec.sevens: Invalid value: 8: spec.sevens in body should be a multiple of 7')],
    [
      'any',
      '[1e400]',
      'Numbered in version "v1" cannot be handled as a Numbered: json: cannot unmarshal number 1e400 into Go value of type float64',
    ],
  ])('%s %s', async (field, literal, message) => {
    expect((await create(field, literal, 'json')).json?.['message']).toBe(message);
  });
});
