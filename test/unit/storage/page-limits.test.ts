import { expect, test } from 'vitest';
import { PageLimits } from '../../../shared/storage/dynamodb/page-limits.ts';

const CUT = { isLast: false };

test('pages grow while they are full, and shrink to what fits', () => {
  const limits = new PageLimits();
  expect(limits.of('a')).toBe(64);
  for (let n = 0; n < 10; n++) limits.learn('a', limits.of('a'), { items: limits.of('a'), ...CUT });
  expect(limits.of('a')).toBe(2_048);
  limits.learn('a', 2_048, { items: 487, ...CUT });
  expect(limits.of('a')).toBe(488);
  limits.learn('a', 488, { items: 3, ...CUT });
  expect(limits.of('a')).toBe(4);
  limits.learn('a', 4, { items: 4, ...CUT });
  expect(limits.of('a')).toBe(8);
  expect(limits.of('b')).toBe(64);
});

test('the end of a range does not affect the size', () => {
  const limits = new PageLimits();
  limits.learn('a', 64, { items: 0, isLast: true });
  limits.learn('a', 64, { items: 63, isLast: true });
  expect(limits.of('a')).toBe(64);
});
