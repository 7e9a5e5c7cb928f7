/** Numbers at the limits of Go's types, in definitions and in their instances; responses of kube-apiserver 1.37.2. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import { DEFINITIONS, definitionManifest, pathOf, schemaOf } from '../../fixtures/apiextensions/manifest.ts';

let server: TestServer;
const FIELDS = {
  priority: '{"type":"integer","maximum":9223372036854774807}',
  least: '{"type":"integer","minimum":-9223372036854775808}',
  even: '{"type":"integer","multipleOf":9223372036854774784}',
  long: '{"type":"integer","format":"int64"}',
  short: '{"type":"integer","format":"int32"}',
  number: '{"type":"number"}',
  any: '{"x-kubernetes-int-or-string":true}',
};

beforeAll(async () => {
  server = await startTestServer();
  const marked = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, `<${name}>`]));
  const definition = definitionManifest('Number', [
    { schema: schemaOf({ type: 'object', properties: marked } as never) },
  ]);
  const body = JSON.stringify(definition).replaceAll(
    /"<(\w+)>"/g,
    (_, name: keyof typeof FIELDS) => FIELDS[name],
  );
  const { status, text } = await call(server, 'POST', DEFINITIONS, { body: Buffer.from(body) });
  expect([status, status === 201 ? '' : text]).toEqual([201, '']);
});
afterAll(() => server.close());

const place = definitionManifest('Number');

test('limits are returned as doubles', async () => {
  const { text } = await call(server, 'GET', `${DEFINITIONS}/${place.metadata.name}`);
  expect(text.match(/"(?:maximum|minimum|multipleOf)":[^,}]*/g)).toEqual([
    '"maximum":9223372036854775000',
    '"minimum":-9223372036854776000',
    '"multipleOf":9223372036854775000',
  ]);
});

const RANGE = '<nil>: Invalid value: "": Checked value must be of type integer';
const typeError = (field: string, type: string, given: string) =>
  `spec.${field}: Invalid value: "${given}": spec.${field} in body must be of type ${type}: "${given}"`;

test.each([
  ['{"priority":10}', '10'],
  [
    '{"priority":9223372036854775807}',
    'spec.priority: Invalid value: 9223372036854775807: spec.priority in body should be less than or equal to 9223372036854774784',
  ],
  [
    '{"least":-9223372036854775808}',
    '<nil>: Invalid value: "": Minimum boundary value must be of type integer (default format) in spec.least',
  ],
  [
    '{"least":-9223372036854775809}',
    `[${typeError('least', 'integer', 'number')}, ${RANGE} (default format) in spec.least, <nil>: Invalid value: "": Minimum boundary value must be of type integer (default format) in spec.least]`,
  ],
  ['{"even":9223372036854774784}', '9223372036854774784'],
  [
    '{"even":3}',
    'spec.even: Invalid value: 3: spec.even in body should be a multiple of 9223372036854774784',
  ],
  [
    '{"even":9223372036854775807}',
    'spec.even: Invalid value: 9223372036854775807: spec.even in body should be a multiple of 9223372036854774784',
  ],
  ...['-9223372036854775809', '9223372036854775808', '10000000000000000000000'].map((value) => [
    `{"long":${value}}`,
    `[${typeError('long', 'int64', 'float64')}, ${RANGE} with format int64 in spec.long]`,
  ]),
  ['{"long":1e18}', typeError('long', 'int64', 'float64')],
  ['{"long":1e2}', '100'],
  ['{"short":2147483648}', `${RANGE} with format int32 in spec.short`],
  ['{"any":9223372036854775808}', typeError('any', 'integer,string', 'number')],
  ['{"any":1e18}', typeError('any', 'integer,string', 'number')],
  ['{"any":9223372036854775807}', '9223372036854775807'],
  ['{"number":1e400}', 'json: cannot unmarshal number 1e400 into Go value of type float64'],
  ['{"number":9223372036854775808}', '9223372036854776000'],
  ['{"number":1e22}', '1e+22'],
])('%s', async (spec, expected) => {
  const object = `{"apiVersion":"stable.example.com/v1","kind":"Number","metadata":{"name":"n"},"spec":${spec}}`;
  const answer = await call(server, 'POST', `${pathOf('Number')}?dryRun=All`, { body: Buffer.from(object) });
  const said =
    answer.status === 201
      ? /"spec":\{"\w+":(.*?)\}/.exec(answer.text)?.[1]
      : String(answer.json!['message']).replace(/^.* (?:is invalid|cannot be handled as a Number): /, '');
  expect(said).toBe(expected);
});

test.each([
  ['9007199254740993', '9007199254740993'],
  ['9223372036854775807', 'spec.x: Invalid value: 9223372036854775807: failed rule: self < 1e18'],
  ['9223372036854775808', 'spec.x: Invalid value: 9.223372036854776e+18: failed rule: self < 1e18'],
])('a rule reads the number %s as a double', async (literal, expected) => {
  const x = { type: 'number', 'x-kubernetes-validations': [{ rule: 'self < 1e18' }] };
  const schema = schemaOf({ type: 'object', properties: { x } } as never);
  // The first case creates it.
  await call(server, 'POST', DEFINITIONS, {
    body: Buffer.from(JSON.stringify(definitionManifest('Ruled', [{ schema }]))),
  });
  const object = `{"apiVersion":"stable.example.com/v1","kind":"Ruled","metadata":{"name":"n"},"spec":{"x":${literal}}}`;
  const answer = await call(server, 'POST', `${pathOf('Ruled')}?dryRun=All`, { body: Buffer.from(object) });
  const said =
    answer.status === 201
      ? /"x":(.*?)\}/.exec(answer.text)?.[1]
      : String(answer.json!['message']).replace(/^.* is invalid: /, '');
  expect(said).toBe(expected);
});

test.each([
  ['"default":1E400', '1E400'],
  ['"default":{"a":["1e400",-1e999]}', '-1e999'],
  ['"enum":[1,1e309]', '1e309'],
  ['"example":1e400', '1e400'],
])('of a schema, %s', async (word, literal) => {
  const schema = schemaOf({ type: 'object', properties: { x: '<x>' } } as never);
  const body = JSON.stringify(definitionManifest('Far', [{ schema }]));
  const answer = await call(server, 'POST', `${DEFINITIONS}?dryRun=All`, {
    body: Buffer.from(body.replace('"<x>"', `{"type":"number",${word}}`)),
  });
  expect([answer.status, answer.json!['message']]).toEqual([
    400,
    `CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition: json: cannot unmarshal number ${literal} into Go value of type float64`,
  ]);
});
