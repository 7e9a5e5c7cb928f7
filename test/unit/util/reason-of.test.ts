import { expect, test } from 'vitest';
import { reasonOf } from '../../../shared/util/reason-of.ts';

const mistake = new TypeError("Cannot read properties of undefined (reading 'x')");

test.each([
  [new Error('token is expired'), 'token is expired'],
  [mistake, mistake],
  ['a text', 'a text'],
  [undefined, undefined],
])('%s', (error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});
