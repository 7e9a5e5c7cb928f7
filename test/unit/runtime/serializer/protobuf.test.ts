/** Objects and their encoding by Go's client libraries. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RuntimeObject } from '../../../../shared/runtime/scheme.ts';
import { DecodingError } from '../../../../shared/runtime/serializer/decoding-error.ts';
import {
  ProtobufSerializer,
  protobufStreamSerializer,
} from '../../../../shared/runtime/serializer/protobuf/protobuf-serializer.ts';
import fc, { fuzzRuns } from '../../../fixtures/fuzz.ts';
import { kindSchemas } from '../../../fixtures/kind-schemas.ts';

const serializer = new ProtobufSerializer(kindSchemas);
const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'protobuf-cases.json'), 'utf8')) as {
  object: RuntimeObject;
  hex: string;
}[];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe.each(cases)('$object.kind', ({ object, hex: bytes }) => {
  test('encodes', () => {
    expect(hex(serializer.encode(object))).toBe(bytes);
  });

  test('decodes', () => {
    expect(serializer.decode(Buffer.from(bytes, 'hex')).object).toEqual(withoutEmptyLists(object));
  });
});

/** Protobuf has no empty lists: an absent list is nil. */
function withoutEmptyLists(object: RuntimeObject): unknown {
  return JSON.parse(JSON.stringify(object), (key, value: unknown) =>
    Array.isArray(value) && value.length === 0 && key === 'containers' ? null : value,
  );
}

function decodeError(bytes: Uint8Array, defaults?: { group: string; version: string; kind: string }): string {
  try {
    serializer.decode(bytes, { defaults });
  } catch (error) {
    if (error instanceof DecodingError) return error.message;
    throw error;
  }
  return 'none';
}

const prefix = Buffer.from('k8s\0');

/** A ConfigMap with these bytes. */
const envelope = (raw: string): Buffer =>
  Buffer.concat([
    prefix,
    typeMeta('v1', 'ConfigMap'),
    Buffer.from([0x12, raw.length / 2]),
    Buffer.from(raw, 'hex'),
  ]);

function typeMeta(apiVersion: string, kind: string): Buffer {
  const fields = [
    0x0a,
    apiVersion.length,
    ...Buffer.from(apiVersion),
    0x12,
    kind.length,
    ...Buffer.from(kind),
  ];
  return Buffer.from([0x0a, fields.length, ...fields]);
}

test.each([
  ['', 'empty data'],
  ['7b7d', 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'],
  ['6b387300', 'empty body'],
  ['6b38730000', 'proto: illegal tag 0 (wire type 0)'],
  ['6b3873000a', 'unexpected EOF'],
  ['6b3873000aff', 'unexpected EOF'],
  ['6b3873000801', 'proto: wrong wireType = 0 for field Unknown'],
  ['6b38730012021a00', `Object 'Kind' is missing in 'runtime.TypeMeta{APIVersion:"", Kind:""}'`],
])('bytes that are not an object: %s', (bytes, message) => {
  expect(decodeError(Buffer.from(bytes, 'hex'))).toBe(message);
});

test.each([
  ['0a05', 'unexpected EOF'],
  ['0801', 'proto: wrong wireType = 0 for field metadata'],
  ['0c', 'proto: wiretype end group for non-group'],
  ['12060a01611005', 'unexpected EOF'],
  ['12050a01611005', 'proto: wrong wireType = 0 for field data'],
  ['2000', 'none'],
  ['7a0161', 'none'],
])('a ConfigMap of %s', (raw, message) => {
  expect(decodeError(envelope(raw))).toBe(message);
});

test.each([
  ['', '', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ['x', '', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ['1x', '', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ['1000m', '1', ''],
])('a quantity %j is %j, or rejected: %s', (text, canonical, message) => {
  const quota = (amount: string) => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: {},
    spec: { hard: { pods: amount } },
    status: {},
  });
  const bytes = serializer.encode(quota(text));
  if (message !== '') expect(decodeError(bytes)).toBe(message);
  else expect(serializer.decode(bytes).object).toMatchObject(quota(canonical));
});

test('the request provides what the envelope omits', () => {
  const bytes = Buffer.concat([prefix, Buffer.from([0x12, 0x00])]);
  const defaults = { group: '', version: 'v1', kind: 'ConfigMap' };
  expect(serializer.decode(bytes, { defaults })).toEqual({
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} },
    gvk: defaults,
    strictErrors: [],
  });
});

test('unknown kinds', () => {
  const bytes = Buffer.concat([prefix, typeMeta('v1', 'Nope'), Buffer.from([0x12, 0x00])]);
  expect(decodeError(bytes)).toBe(
    'no kind "Nope" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
  );
});

test("Tables can't be encoded in protobuf", () => {
  expect(() => serializer.encode({ apiVersion: 'meta.k8s.io/v1', kind: 'Table' })).toThrow(
    'object Table does not implement the protobuf marshalling interface',
  );
});

test('packed lists of numbers are read', () => {
  // ContainerRestartRuleOnExitCodes.values, nested in a Pod: 1 and 2 in a packed field.
  const values = Buffer.from([0x12, 2, 1, 2]);
  const nest = (tag: number, bytes: Buffer): Buffer =>
    Buffer.from([...(tag < 128 ? [tag] : [(tag & 0x7f) | 0x80, tag >> 7]), bytes.length, ...bytes]);
  const rule = nest((25 << 3) | 2, nest((2 << 3) | 2, values));
  const pod = nest((2 << 3) | 2, nest((2 << 3) | 2, rule));
  const bytes = Buffer.concat([prefix, typeMeta('v1', 'Pod'), nest(0x12, pod)]);
  expect(serializer.decode(bytes).object).toMatchObject({
    spec: { containers: [{ restartPolicyRules: [{ exitCodes: { values: [1, 2] } }] }] },
  });
});

test('corrupted bytes give a DecodingError or another object, never anything else', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...cases),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      fc.nat(20),
      ({ hex: good }, changes, cut) => {
        const bytes = Buffer.from(good, 'hex');
        for (const [at, value] of changes) bytes[4 + (at % (bytes.length - 4))] = value;
        try {
          serializer.decode(bytes.subarray(0, bytes.length - (cut > 15 ? cut : 0)));
        } catch (error) {
          expect(error).toBeInstanceOf(DecodingError);
        }
      },
    ),
    { numRuns: fuzzRuns(3000) },
  );
});

test('nesting has a limit', () => {
  // JSONSchemaProps nested in itself through `not`.
  let schema: Buffer = Buffer.alloc(0);
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
  const nest = (tag: number[], bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from([...tag, ...varint(bytes.length)]), bytes]);
  for (let depth = 0; depth < 2000; depth++) schema = nest(varint((28 << 3) | 2), schema);
  const definition = nest([0x12], nest([0x3a], nest([0x22], nest([0x0a], schema))));
  const bytes = Buffer.concat([
    prefix,
    typeMeta('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
    nest([0x12], definition),
  ]);
  expect(decodeError(bytes)).toBe('proto: exceeded max depth');
});

test('a watch event is preceded by its length', () => {
  expect(hex(protobufStreamSerializer.encodeEvent('ADDED', Buffer.from([1, 2, 3])))).toBe(
    '0000000e' + '0a05' + '4144444544' + '1205' + '0a03' + '010203',
  );
});
