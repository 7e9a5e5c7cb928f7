/** Objects and their encoding by Go's client libraries. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RuntimeObject } from '../../../../shared/runtime/scheme.ts';
import {
  CBORSerializer,
  cborStreamSerializer,
} from '../../../../shared/runtime/serializer/cbor/cbor-serializer.ts';
import { decodeCBOR } from '../../../../shared/runtime/serializer/cbor/decode-cbor.ts';
import { encodeCBOR } from '../../../../shared/runtime/serializer/cbor/encode-cbor.ts';
import { DecodingError } from '../../../../shared/runtime/serializer/decoding-error.ts';
import { stringifyJSON } from '../../../../shared/util/exact-json.ts';
import fc, { fuzzRuns } from '../../../fixtures/fuzz.ts';
import { kindSchemas } from '../../../fixtures/kind-schemas.ts';

const serializer = new CBORSerializer(kindSchemas);
const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'cbor-cases.json'), 'utf8')) as {
  object: RuntimeObject;
  hex: string;
}[];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe.each(cases)('$object.kind', ({ object, hex: bytes }) => {
  test('encodes', () => {
    expect(hex(serializer.encode(object))).toBe(bytes);
  });

  test('decodes', () => {
    expect(serializer.decode(Buffer.from(bytes, 'hex'), { strict: true })).toMatchObject({
      object,
      strictErrors: [],
    });
  });
});

test.each<[string, unknown]>([
  ['00', 0],
  ['3903e7', -1000],
  ['1b7fffffffffffffff', 9223372036854775807n],
  ['fb3ff8000000000000', 1.5],
  ['f4', false],
  ['f6', null],
  ['6161', 'a'],
  ['4161', 'a'],
  ['d64401020304', 'AQIDBA=='],
  ['d5440102fbff', 'AQL7_w'],
  ['d7420aff', '0aff'],
  ['d9d9f7820102', [1, 2]],
  ['9f0102ff', [1, 2]],
  ['bf6161016162d82a02ff', { a: 1, b: 2 }],
  ['a1495f5f70726f746f5f5f01', JSON.parse('{"__proto__":1}')],
  ['c074323032302d30312d30315430303a30303a30305a', '2020-01-01T00:00:00Z'],
])('%s', (bytes, expected) => {
  expect(decodeCBOR(Buffer.from(bytes, 'hex'))).toEqual(expected);
});

test.each([
  ['', 'unexpected EOF'],
  ['82', 'unexpected EOF'],
  ['8201', 'unexpected EOF'],
  ['0000', 'cbor: 1 bytes of extraneous data starting at index 1'],
  ['ff', 'cbor: unexpected "break" code'],
  ['82ff', 'cbor: unexpected "break" code'],
  ['a20141610142', 'cbor: map keys must be strings'],
  ['a241610141610', 'cbor: found duplicate map key "a" at map element index 1'],
  [
    '1bffffffffffffffff',
    'cbor: cannot unmarshal 18446744073709551615 into Go value of type int64 (18446744073709551615 overflows int64)',
  ],
  ['c24101', 'cbor: cannot unmarshal bignum into Go value'],
  ['f97e00', 'cbor: NaN and infinity are not accepted'],
  ['5f41614162ff', 'cbor: CBOR decode error: indefinite length bytes/strings are not supported'],
  ['f7', 'cbor: simple value is not recognized'],
  ['61ff', 'cbor: invalid UTF-8 string'],
])('rejected input: %s', (bytes, message) => {
  const even = bytes.length % 2 === 0 ? bytes : `${bytes}0`;
  expect(() => decodeCBOR(Buffer.from(even, 'hex'))).toThrow(message);
});

test('nesting has a limit', () => {
  expect(() => decodeCBOR(Buffer.alloc(5000, 0x81))).toThrow('cbor: exceeded max nested level 1000');
});

test('input that is not an object of a kind', () => {
  expect(() => serializer.decode(Buffer.from('81', 'hex'))).toThrow(
    'unable to determine group/version/kind: unexpected EOF',
  );
  expect(() => serializer.decode(encodeCBOR({ a: 1 }))).toThrow(`Object 'Kind' is missing in '{"a":1}'`);
});

test('strict: unknown fields', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', foo: 1 };
  expect(serializer.decode(encodeCBOR(object), { strict: true }).strictErrors).toEqual([
    'unknown field "foo"',
  ]);
});

test('any JSON survives a round trip', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      expect(sorted(decodeCBOR(encodeCBOR(value)))).toEqual(sorted(value));
    }),
    { numRuns: fuzzRuns(500) },
  );
});

/** Keys are decoded in a different order. */
function sorted(value: unknown): unknown {
  return JSON.parse(stringifyJSON(value), (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)))
      : member,
  );
}

test('corrupted bytes give a DecodingError or another value, never anything else', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...cases),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      ({ hex: good }, changes) => {
        const bytes = Buffer.from(good, 'hex');
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          serializer.decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodingError);
        }
      },
    ),
    { numRuns: fuzzRuns(3000) },
  );
});

test('a watch event holds the object as it was encoded', () => {
  const frame = cborStreamSerializer.encodeEvent('ADDED', serializer.encode(cases[0]!.object));
  expect(decodeCBOR(frame)).toEqual({ type: 'ADDED', object: cases[0]!.object });
});
