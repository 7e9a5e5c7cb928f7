import { expect, test } from 'vitest';
import {
  JSONSerializer,
  jsonStreamSerializer,
} from '../../../../shared/runtime/serializer/json/json-serializer.ts';
import { YAMLSerializer } from '../../../../shared/runtime/serializer/yaml/yaml-serializer.ts';
import { parseJSON, stringifyJSON } from '../../../../shared/util/exact-json.ts';
import { kindSchemas } from '../../../fixtures/kind-schemas.ts';

const object = { apiVersion: 'v1', kind: 'ConfigMap', data: { on: 'yes', n: '0777', time: '2020-01-01' } };
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('JSON ends in a line break, as a stream of objects', () => {
  expect(text(new JSONSerializer(kindSchemas).encode(object))).toBe(`${JSON.stringify(object)}\n`);
});

test('pretty JSON is indented by two', () => {
  const pretty = new JSONSerializer(kindSchemas, { pretty: true });
  expect(text(pretty.encode({ apiVersion: 'v1', kind: 'X' }))).toBe(
    '{\n  "apiVersion": "v1",\n  "kind": "X"\n}',
  );
});

test('YAML quotes values that YAML 1.1 would read as another type', () => {
  const yaml = new YAMLSerializer(kindSchemas);
  expect(text(yaml.encode(object))).toBe(
    'apiVersion: v1\ndata:\n  "n": "0777"\n  "on": "yes"\n  time: "2020-01-01"\nkind: ConfigMap\n',
  );
  expect(yaml.decode(yaml.encode(object)).object).toMatchObject(object);
});

test('a watch event holds the object as it was encoded', () => {
  const frame = jsonStreamSerializer.encodeEvent('ADDED', Buffer.from('{"a":1}\n'));
  expect(text(frame)).toBe('{"type":"ADDED","object":{"a":1}}\n');
});

test.each([
  ['{"a":1234567890123456789}', { a: 1234567890123456789n }],
  ['[9223372036854775807,-9223372036854775808]', [9223372036854775807n, -9223372036854775808n]],
  ['{"1234567890123456789":"1234567890123456789"}', { '1234567890123456789': '1234567890123456789' }],
  ['[0.12345678901234567890,1e1234567890123456789]', [0.12345678901234568, Number.POSITIVE_INFINITY]],
  ['12345678901234567890', 12345678901234567000],
  ['"\\"1234567890123456789"', '"1234567890123456789'],
])('integers stay exact: %s', (source, expected) => {
  expect(parseJSON(source)).toEqual(expected);
});

test('exact integers survive a round trip', () => {
  const source = '{"a":[9223372036854775807,"9223372036854775807"],"b":1.5}';
  expect(stringifyJSON(parseJSON(source))).toBe(source);
});
