/** What validation does for a value grows with the value, however much its schema allows and however much is wrong. */

import { expect, test } from 'vitest';
import { MAX_CHECKS } from '../../../shared/apiextensions/validation/check-budget.ts';
import { EnumValidator } from '../../../shared/apiextensions/validation/enum-validation.ts';
import { SchemaValidator } from '../../../shared/apiextensions/validation/schema-validator.ts';
import {
  type OpenAPIError,
  ValidationResult,
} from '../../../shared/apiextensions/validation/validation-result.ts';

test('the values of an enum are read once, however many values are checked', () => {
  let reads = 0;
  const values = new Proxy(['a', 'b', 1, { c: 2 }], {
    get(target, key, receiver) {
      reads++;
      return Reflect.get(target, key, receiver);
    },
  });
  const validator = new EnumValidator(values);
  const first = validator.check('x', 'other');
  const before = reads;
  const found = ['a', 1, { c: 2 }, 'other', 2, null].map((value) => validator.check('x', value)?.supported);
  expect(found).toEqual([undefined, undefined, undefined, ...Array(3).fill(first?.supported)]);
  expect(found[3]).toBe(first?.supported);
  expect(reads).toBe(before);
});

test.each([
  ['integers in both forms', [3n, 2n ** 60n], [3, 2n ** 60n, 2n ** 60n + 1n], [true, true, false]],
  ['a number for an integer', [3], [3n, 4n], [true, false]],
  ['no null, though it is among them', [null, 'a'], [null, 'a'], [false, true]],
])('enums: %s', (_, allowed, values, expected) => {
  const validator = new EnumValidator(allowed);
  expect(values.map((value) => validator.check('x', value) === undefined)).toEqual(expected);
});

test.each([100, 1_000, 10_000])('of %i findings each is looked at a few times', (count) => {
  let reads = 0;
  const result = new ValidationResult();
  for (let i = 0; i < count; i++) {
    const error: OpenAPIError = {
      kind: 'invalid',
      get message() {
        reads++;
        return `at ${i}`;
      },
    };
    result.add(error);
  }
  expect(result.errors.length).toBe(count);
  expect(reads).toBeLessThan(3 * count);
});

test('alternatives for each of many items are refused, not tried', () => {
  let tried = 0;
  const regexp = (pattern: string) => ({
    pattern,
    test: () => {
      tried++;
      return false;
    },
  });
  const anyOf = Array.from({ length: 1000 }, (_, i) => ({ pattern: `^${i}$` }));
  const schema = { type: 'array', items: { JSONSchemas: undefined, type: 'string', anyOf } };
  const validator = new SchemaValidator(schema as never, regexp as never);
  expect(() => validator.validate(undefined, Array(1000).fill('x'))).toThrow(
    `Request entity too large: its schema takes more than ${MAX_CHECKS} checks`,
  );
  expect(tried).toBeLessThanOrEqual(MAX_CHECKS);
  expect(validator.validate(undefined, Array(100).fill('x')).length).toBeGreaterThan(0);
});
