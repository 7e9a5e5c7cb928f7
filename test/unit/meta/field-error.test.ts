import { expect, test } from 'vitest';
import {
  aggregateFieldErrors,
  fieldErrorBody,
  invalid,
  OMITTED,
  required,
} from '../../../shared/meta/field-error.ts';
import { newInvalid, StatusError } from '../../../shared/meta/status-error.ts';

test.each<[unknown, string]>([
  ['a"b', '"a\\"b"'],
  [7, '7'],
  // Integers keep all their digits; only Go's floats get exponents.
  [2147483647, '2147483647'],
  [-1000000, '-1000000'],
  [9007199254740993n, '9007199254740993'],
  [0.5, '0.5'],
  [1234567.5, '1.2345675e+06'],
  [true, 'true'],
  [null, 'null'],
  [{ a: ['<'] }, '{"a":["\\u003c"]}'],
])('%s is shown as %s', (value, shown) => {
  expect(fieldErrorBody(invalid('f', value, 'why'))).toBe(`Invalid value: ${shown}: why`);
});

test('a value that is left out', () => {
  expect(fieldErrorBody(invalid('f', OMITTED, 'why'))).toBe('Invalid value: why');
});

test('a thousand errors are reported, and the number of further ones', () => {
  const errors = Array.from({ length: 180_000 }, (_, at) => required(`f[${at}]`, 'why'));
  const { message, details } = newInvalid({ group: '', kind: 'Pod' }, 'x', errors).status;
  expect(details?.causes?.length).toBe(1000);
  expect(message?.slice(0, 60)).toBe('Pod "x" is invalid: [f[0]: Required value: why, f[1]: Requir');
  expect(message?.slice(-60)).toBe('ed value: why, f[999]: Required value: why, and 179000 more]');
});

test('reported errors end when their text is long', () => {
  const errors = Array.from({ length: 10 }, (_, at) => invalid(`f[${at}]`, 'x'.repeat(100_000), 'why'));
  const text = aggregateFieldErrors(errors);
  expect([text.length, text.slice(-14)]).toEqual([300_102, 'y, and 7 more]']);
});

test('a long value is truncated', () => {
  const error = invalid('f', 'x'.repeat(3_000_000), 'why');
  const { message, details } = newInvalid({ group: '', kind: 'Pod' }, 'x', [error]).status;
  const shown = `Invalid value: "${'x'.repeat(262_144)}... (2737856 more characters)": why`;
  expect(details?.causes).toEqual([{ reason: 'FieldValueInvalid', field: 'f', message: shown }]);
  expect(message).toBe(`Pod "x" is invalid: f: ${shown}`);
});

test('any message is truncated', () => {
  const { message } = new StatusError({ code: 400, message: 'x'.repeat(3_000_000) }).status;
  expect(message?.slice(524_280)).toBe('xxxxxxxx... (2475712 more characters)');
});
