import { expect, test } from 'vitest';
import { fieldErrorBody, invalid, OMITTED } from '../../../shared/meta/field-error.ts';

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
