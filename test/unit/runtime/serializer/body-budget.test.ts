/** Inputs that decoders reject by the number of values alone, before building objects. */

import { expect, test } from 'vitest';
import {
  BodyBudgetError,
  checkAnswerBudget,
  checkJSONBudget,
  MAX_VALUES,
} from '../../../../shared/runtime/serializer/body-budget.ts';
import { CBORSerializer } from '../../../../shared/runtime/serializer/cbor/cbor-serializer.ts';
import { ProtobufSerializer } from '../../../../shared/runtime/serializer/protobuf/protobuf-serializer.ts';
import { yamlToJSON } from '../../../../shared/runtime/serializer/yaml/yaml-to-json.ts';
import { kindSchemas } from '../../../fixtures/kind-schemas.ts';

const TOO_MANY = `limit is ${MAX_VALUES} values`;
const list = (count: number, element: string) => `[${Array(count).fill(element).join(',')}]`;

/** The message for input with too many values; undefined for any other. */
function refusal(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof BodyBudgetError) return error.message;
    throw error;
  }
}

test.each([
  ['the largest allowed number of values', list(MAX_VALUES, '10'), undefined],
  ['one value more', list(MAX_VALUES + 1, '10'), TOO_MANY],
  ['empty lists', list(MAX_VALUES, '[]'), TOO_MANY],
  ['nested lists', '['.repeat(2 * MAX_VALUES + 1), TOO_MANY],
  ['nested objects', '{"a":'.repeat(MAX_VALUES + 1), TOO_MANY],
  ['commas and brackets in a string', `["${'[,{'.repeat(MAX_VALUES)}"]`, undefined],
  ['quotes in a string', `["${'\\",'.repeat(MAX_VALUES)}"]`, undefined],
  ['an unterminated string', `["${'[,'.repeat(MAX_VALUES)}`, undefined],
  ['a string that ends in a backslash', `["${'[,'.repeat(MAX_VALUES)}\\`, undefined],
])('JSON: %s', (_, body, expected) => {
  expect(refusal(() => checkJSONBudget(Buffer.from(body)))).toBe(expected);
});

test.each([
  ['lines', 'a: b\n'.repeat(70_000), 'limit is 400000 tokens of YAML'],
  ['empty lines', '\n'.repeat(400_001), 'limit is 400000 tokens of YAML'],
  [
    'aliases of a large list',
    `a: &a ${list(20_000, 'x')}\nb: [${Array(12).fill('*a').join(',')}]\n`,
    TOO_MANY,
  ],
])('YAML: %s', (_, body, expected) => {
  expect(refusal(() => yamlToJSON(body))).toBe(expected);
});

test('YAML: the first thousand duplicate keys are reported', () => {
  const { value, strictErrors } = yamlToJSON('a: b\n'.repeat(1_500));
  const [error] = strictErrors;
  const lines = error!.split('\n');
  expect(value).toEqual({ a: 'b' });
  expect([lines.length, lines[1], lines.at(-2), lines.at(-1)]).toEqual([
    1002,
    '  line 2: key "a" already set in map',
    '  line 1001: key "a" already set in map',
    '  and 499 more',
  ]);
});

const envelope = (raw: Uint8Array) => {
  const type = Buffer.from('\n\x02v1\x12\x03Pod', 'latin1');
  const length: number[] = [];
  for (let rest = raw.byteLength; ; rest >>>= 7) {
    length.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) break;
  }
  return Buffer.concat([
    Buffer.from(`k8s\0\n${String.fromCharCode(type.length)}`),
    type,
    Buffer.from([0x12, ...length]),
    raw,
  ]);
};

test.each([
  ['repeated metadata', Buffer.alloc(2 * MAX_VALUES, '\n\0'), undefined],
  ['one value more', Buffer.alloc(2 * MAX_VALUES + 2, '\n\0'), TOO_MANY],
  ['unknown fields', Buffer.alloc(3 * MAX_VALUES + 3, Buffer.from([0xf8, 0x07, 0x01])), undefined],
])('protobuf: %s', (_, raw, expected) => {
  const serializer = new ProtobufSerializer(kindSchemas);
  expect(refusal(() => serializer.decode(envelope(raw), { budgeted: true }))).toBe(expected);
  expect(refusal(() => serializer.decode(envelope(raw)))).toBeUndefined();
});

test('CBOR', () => {
  const serializer = new CBORSerializer(kindSchemas);
  const defaults = { group: '', version: 'v1', kind: 'ConfigMap' };
  const elements = Buffer.alloc(2 * MAX_VALUES + 1, 0xf6);
  const body = Buffer.concat([Buffer.from([0xa1, 0x61, 0x61, 0x9f]), elements, Buffer.from([0xff])]);
  expect(refusal(() => serializer.decode(body, { defaults, budgeted: true }))).toBe(TOO_MANY);
  expect(refusal(() => serializer.decode(body, { defaults }))).toBeUndefined();
});

test.each([
  ["a body's limit plus twice the request's values", 20, undefined],
  ['one value more', 21, `limit is ${MAX_VALUES + 20} values`],
])('a response may have %s', (_, more, message) => {
  const answer = Buffer.from(list(MAX_VALUES + more, '10'));
  expect(refusal(() => checkAnswerBudget(answer, Buffer.from(list(10, '1'))))).toBe(message);
});
