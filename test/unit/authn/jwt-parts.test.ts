import { expect, test } from 'vitest';
import { jwtParts } from '../../../shared/authn/jwt-parts.ts';

test.each([
  ['a.b.c', ['a', 'b', 'c']],
  ['..', ['', '', '']],
  ['a.b', undefined],
  ['a.b.c.d', undefined],
  ['.'.repeat(1_000_000), undefined],
  ['', undefined],
])('of %.10s', (token, parts) => {
  expect(jwtParts(token)).toEqual(parts);
});
