import { describe, expect, test } from 'vitest';
import {
  type FieldValidation,
  type PatchType,
  patchObject,
} from '../../../../shared/meta/patch/patch-object.ts';
import { StatusError } from '../../../../shared/meta/status-error.ts';
import { JSONSerializer } from '../../../../shared/runtime/serializer/json/json-serializer.ts';
import { kindSchemas } from '../../../fixtures/kind-schemas.ts';

const gvk = { group: '', version: 'v1', kind: 'ConfigMap' };
const current = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } };
const serializer = new JSONSerializer(kindSchemas);

async function patch(
  type: 'json' | 'merge' | 'strategic-merge',
  patch: string,
  fieldValidation: FieldValidation,
  custom = false,
) {
  const patchType = `application/${type}-patch+json` as PatchType;
  const schema = custom ? undefined : kindSchemas(gvk);
  try {
    const target = { gvk, schema, serializer, fieldValidation };
    return await patchObject(async () => structuredClone(current), patchType, Buffer.from(patch), target);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return `${error.status.code} ${error.status.reason}: ${error.status.message}`;
  }
}

const patched = { ...current, data: { x: '1', y: '2' } };

test.each([
  ['json', '[{"op":"add","path":"/data/y","value":"2"}]'],
  ['merge', '{"data":{"y":"2"}}'],
  ['strategic-merge', '{"data":{"y":"2"}}'],
] as const)('%s', async (type, text) => {
  expect(await patch(type, text, 'Strict')).toEqual({ object: patched, warnings: [] });
});

describe('unknown and duplicate fields', () => {
  const warnings = ['duplicate field "data.y"', 'unknown field "zoo"'];
  const text = '{"data":{"y":"1","y":"2"},"zoo":1}';

  test.each(['merge', 'strategic-merge'] as const)('%s: warnings, or nothing', async (type) => {
    expect(await patch(type, text, 'Warn')).toEqual({ object: patched, warnings });
    expect(await patch(type, text, 'Ignore')).toEqual({ object: patched, warnings: [] });
  });

  test('a merge patch shows the resulting object, with the fields of visited structs sorted by name', async () => {
    const { apiVersion, kind, data, metadata } = patched;
    const made = JSON.stringify(JSON.stringify({ apiVersion, data, kind, metadata, zoo: 1 }));
    expect(await patch('merge', text, 'Strict')).toBe(
      `422 Invalid:  "" is invalid: patch: Invalid value: ${made}: strict decoding error: duplicate field "data.y", unknown field "zoo"`,
    );
  });

  test.each([
    [
      'merge',
      '{"zoo":{"b":null,"d":1,"c":[{"f":1,"e":2}]}}',
      '{"apiVersion":"v1","data":{"x":"1"},"kind":"ConfigMap","metadata":{"name":"a"},"zoo":{"c":[{"e":2,"f":1}],"d":1}}',
      'unknown field "zoo"',
    ],
    [
      'json',
      '[{"op":"add","path":"/metadata/zoo","value":{"d":1,"c":2}},{"op":"add","path":"/metadata/annotations","value":{"b":"1","a":"2"}}]',
      '{"apiVersion":"v1","data":{"x":"1"},"kind":"ConfigMap","metadata":{"annotations":{"b":"1","a":"2"},"name":"a","zoo":{"d":1,"c":2}}}',
      'unknown field "metadata.zoo"',
    ],
  ] as const)('a %s patch shows unvisited parts unchanged', async (type, text, made, error) => {
    expect(await patch(type, text, 'Strict')).toBe(
      `422 Invalid:  "" is invalid: patch: Invalid value: ${JSON.stringify(made)}: strict decoding error: ${error}`,
    );
  });

  test.each(['merge', 'strategic-merge'] as const)('%s: several are told by their names', async (type) => {
    const text = '{"zoo":{"x":1},"metadata":{"z":1,"a":{"y":2}},"bar":1}';
    expect(await patch(type, text, 'Warn')).toMatchObject({
      warnings: ['bar', 'metadata.a', 'metadata.z', 'zoo'].map((name) => `unknown field "${name}"`),
    });
  });

  test('a strategic merge patch shows itself', async () => {
    expect(await patch('strategic-merge', text, 'Strict')).toBe(
      '422 Invalid:  "" is invalid: patch: Invalid value: "map[data:map[y:2] zoo:1]": strict decoding error: duplicate field "data.y", unknown field "zoo"',
    );
  });
});

describe('values of the wrong type', () => {
  test.each([
    [
      'merge',
      '{"data":5}',
      `422 Invalid:  "" is invalid: patch: Invalid value: "{\\"apiVersion\\":\\"v1\\",\\"data\\":5,\\"kind\\":\\"ConfigMap\\",\\"metadata\\":{\\"name\\":\\"a\\"}}": json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string`,
    ],
    [
      'strategic-merge',
      '{"data":5}',
      '422 Invalid:  "" is invalid: patch: Invalid value: "map[data:5]": cannot restore map from int64',
    ],
    [
      'strategic-merge',
      '{"data":{"x":5}}',
      '422 Invalid:  "" is invalid: patch: Invalid value: "map[data:map[x:5]]": cannot convert int64 to string',
    ],
    [
      'strategic-merge',
      '{"immutable":"x"}',
      '422 Invalid:  "" is invalid: patch: Invalid value: "map[immutable:x]": unrecognized type: bool',
    ],
    [
      'strategic-merge',
      '{"metadata":[]}',
      '422 Invalid:  "" is invalid: patch: Invalid value: "map[metadata:[]]": cannot restore struct from: slice',
    ],
    [
      'strategic-merge',
      '{"metadata":{"finalizers":{}}}',
      '422 Invalid:  "" is invalid: patch: Invalid value: "map[metadata:map[finalizers:map[]]]": cannot restore slice from map',
    ],
    [
      'strategic-merge',
      '{"metadata":{"generation":1.5}}',
      '422 Invalid:  "" is invalid: patch: Invalid value: "map[metadata:map[generation:1.5]]": cannot convert float64 to int64',
    ],
  ] as const)('%s %s', async (type, text, expected) => {
    expect(await patch(type, text, 'Strict')).toBe(expected);
  });
});

test("a patch can't change the kind", async () => {
  expect(await patch('merge', '{"kind":"Secret","data":null}', 'Strict')).toMatch(
    'unable to decode /v1, Kind=Secret into /v1, Kind=ConfigMap',
  );
});

test('custom resources have no strategic merge patch', async () => {
  expect(await patch('strategic-merge', '{}', 'Strict', true)).toBe(
    '400 BadRequest: strategic merge patch format is not supported',
  );
});

test('a rejected JSON patch shows its result', async () => {
  const text = '[{"op":"move","from":"/data","path":"/zoo"},{"op":"add","path":"/data","value":{"x":"2"}}]';
  const made =
    '{"apiVersion":"v1","data":{"x":"2"},"kind":"ConfigMap","metadata":{"name":"a"},"zoo":{"x":"1"}}';
  expect(await patch('json', text, 'Strict')).toBe(
    `422 Invalid:  "" is invalid: patch: Invalid value: ${JSON.stringify(made)}: strict decoding error: unknown field "zoo"`,
  );
});

describe('a JSON patch nests no deeper than a body may', () => {
  const deeper =
    '{"op":"add","path":"/x","value":{}},{"op":"move","from":"/data","path":"/x/a"},{"op":"move","from":"/x","path":"/data"}';
  const twice = (times: number): string =>
    `{"op":"copy","from":"/data","path":"/data${'/a'.repeat(2 ** times)}"}`;
  const tooDeep =
    '422 Invalid:  "" is invalid: patch: Invalid value: "": values are nested deeper than 1000 levels';

  test.each([
    ['by moves', Array(2000).fill(deeper).join(), tooDeep],
    ['by copies', [deeper, ...Array.from({ length: 14 }, (_, times) => twice(times))].join(), tooDeep],
    ['with an allowed depth', Array(900).fill(deeper).join(), '422 Invalid'],
  ])('%s', async (_, operations, expected) => {
    expect(String(await patch('json', `[${operations}]`, 'Ignore'))).toContain(expected);
  });
});
