/** Bodies and the result of Go's decoders: the object re-encoded by Go, strict errors, or the error. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { GroupVersionKind } from '../../../../shared/runtime/group-version.ts';
import { badRequestMessage, DecodingError } from '../../../../shared/runtime/serializer/decoding-error.ts';
import { JSONSerializer } from '../../../../shared/runtime/serializer/json/json-serializer.ts';
import type { Serializer } from '../../../../shared/runtime/serializer/serializer.ts';
import { YAMLSerializer } from '../../../../shared/runtime/serializer/yaml/yaml-serializer.ts';
import { parseJSON } from '../../../../shared/util/exact-json.ts';
import { kindSchemas } from '../../../fixtures/kind-schemas.ts';

interface Case {
  readonly body: string;
  readonly error?: string;
  readonly strictErrors?: readonly string[];
  readonly object?: unknown;
}

const cases = (file: string): Case[] =>
  parseJSON(readFileSync(join(import.meta.dirname, file), 'utf8')) as Case[];
const json = new JSONSerializer(kindSchemas);
const yaml = new YAMLSerializer(kindSchemas);
const pod: GroupVersionKind = { group: '', version: 'v1', kind: 'Pod' };

function decode(serializer: Serializer, body: string) {
  try {
    const { object, strictErrors } = serializer.decode(Buffer.from(body), { strict: true });
    return { strictErrors, object };
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    return { error: error.message };
  }
}

describe('JSON', () => {
  test.each(cases('json-cases.json'))('$body', ({ body, ...expected }) => {
    expect(decode(json, body)).toEqual(expected);
  });
});

/** Enough white space for the body to be parsed in pieces. */
const SPACE = ' '.repeat(70_000);

describe('JSON in pieces', () => {
  test.each(cases('json-cases.json'))('$body', ({ body, ...expected }) => {
    const decoded = decode(json, body + SPACE);
    const error = decoded.error?.replace(SPACE, '');
    expect({ ...decoded, ...(error !== undefined && { error }) }).toEqual(expected);
  });

  test.each([
    ['a list', '[]', 'json: cannot unmarshal array into Go value of type'],
    [
      'a kind that is a list',
      '{"kind":[1,[2]]}',
      'cannot unmarshal array into Go struct field .kind of type string',
    ],
    [
      'the last of two kinds',
      '{"kind":"Pod","apiVersion":"v1","kind":{}}',
      'cannot unmarshal object into Go struct field .kind of type string',
    ],
  ])('%s', (_, body, message) => {
    expect(decode(json, body + SPACE).error).toContain(message);
    expect(decode(json, body).error).toContain(message);
  });
});

describe('YAML', () => {
  test.each(cases('yaml-cases.json'))('$body', ({ body, ...expected }) => {
    expect(decode(yaml, body)).toEqual(expected);
  });
});

describe('the request provides what a body omits', () => {
  test.each([
    ['{}', { apiVersion: 'v1', kind: 'Pod' }],
    ['null', { apiVersion: 'v1', kind: 'Pod' }],
    ['{"kind":"Pod"}', { apiVersion: 'v1', kind: 'Pod' }],
    ['{"apiVersion":"v1"}', { apiVersion: 'v1', kind: 'Pod' }],
    ['{"apiVersion":"v1","kind":"Service"}', { apiVersion: 'v1', kind: 'Service' }],
  ])('%s', (body, expected) => {
    const { object, gvk } = json.decode(Buffer.from(body), { defaults: pod });
    expect(object).toMatchObject(expected);
    expect(gvk).toEqual({ group: '', version: 'v1', kind: expected.kind });
  });
});

test('keys that name prototypes are data', () => {
  const body = '{"apiVersion":"v1","kind":"ConfigMap","data":{"__proto__":"a","constructor":"b"}}';
  const { object } = json.decode(Buffer.from(body)) as unknown as { object: { data: object } };
  expect(Object.entries(object.data)).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
});

test('nesting has a limit', () => {
  const deep = `{"apiVersion":"v1","kind":"Pod","x":${'['.repeat(5000)}${']'.repeat(5000)}}`;
  expect(decode(json, deep)).toEqual({
    error: "couldn't get version/kind; json parse error: invalid character '[' exceeded max depth",
  });
  const list = `a: ${'['.repeat(5000)}${']'.repeat(5000)}`;
  expect(decode(yaml, list)).toEqual({ error: 'yaml: exceeded max depth of 300' });
});

test.each([
  ['flow lists', '['.repeat(100_000)],
  ['flow maps', '{a: '.repeat(100_000)],
  ['lists', `${'- '.repeat(100_000)}1`],
  ['keys', `${'? '.repeat(100_000)}1`],
  ['indents', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
])('nesting has a limit for %s', (_, text) => {
  expect(decode(yaml, text)).toEqual({ error: 'yaml: exceeded max depth of 300' });
});

test('JSON in YAML is parsed as JSON, except for duplicate keys', () => {
  const pod =
    '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a:\\"b\\":","generation":9007199254740993}';
  expect(decode(yaml, `${pod}}`)).toEqual(decode(json, `${pod}}`));
  expect(yaml.decode(Buffer.from(`${pod},\n"kind":"Pod"}`), { strict: true }).strictErrors).toEqual([
    'yaml: unmarshal errors:\n  line 2: key "kind" already set in map',
  ]);
});

test('aliases may not expand a document without limit', () => {
  const levels = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (const name of 'bcdefg') {
    const before = String.fromCharCode(name.charCodeAt(0) - 1);
    levels.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`);
  }
  expect(decode(yaml, levels.join('\n'))).toEqual({ error: 'yaml: document contains excessive aliasing' });
});

describe('the 400 for an invalid body', () => {
  test.each([
    [
      '{"apiVersion":"v1","kind":"Pod","spec":{"containers":"x"}}',
      'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      '{"apiVersion":"v1","kind":"Prod"}',
      'Prod in version "v1" cannot be handled as a Pod: no kind "Prod" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
    ],
    [
      '{"a"',
      `the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: unexpected end of JSON input ({"a")`,
    ],
    [
      'abc',
      `the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: invalid character 'a' looking for beginning of value (616263)`,
    ],
    [
      '',
      "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
    ],
  ])('%s', (body, expected) => {
    const bytes = Buffer.from(body);
    let error: unknown;
    try {
      json.decode(bytes, { defaults: pod });
    } catch (caught) {
      error = caught;
    }
    expect(badRequestMessage(error as DecodingError, 'Pod', bytes)).toBe(expected);
  });
});
