import { expect, test } from 'vitest';
import { atOnce } from '../../../shared/util/breathe.ts';
import { sortInPieces } from '../../../shared/util/sort-in-pieces.ts';

test.each([0, 1, 4_096, 4_097, 13_000])('%i items are sorted as by toSorted, stably', (count) => {
  const items = Array.from({ length: count }, (_, i) => ({ key: (i * 7919) % 1_000, at: i }));
  const compare = (a: { key: number }, b: { key: number }) => a.key - b.key;
  expect(atOnce(sortInPieces(items, compare))).toEqual(items.toSorted(compare));
});

test('many are sorted in pieces', () => {
  const work = sortInPieces(
    Array.from({ length: 20_000 }, (_, i) => -i),
    (a, b) => a - b,
  );
  let pieces = 0;
  while (!work.next().done) pieces++;
  expect(pieces).toBeGreaterThan(100);
});
