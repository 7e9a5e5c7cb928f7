import { expect, test } from 'vitest';
import { Discards } from '../../../infra/local/http/discards.ts';

test('four bodies are discarded at a time, in the order of their requests', () => {
  const discards = new Discards();
  const begun: number[] = [];
  const ends = Array.from({ length: 9 }, (_, i) => discards.start(() => begun.push(i)));
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[2]!();
  ends[2]!();
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  // Gone before its turn.
  ends[5]!();
  ends[0]!();
  expect(begun).toEqual([0, 1, 2, 3, 4, 6]);
  for (const end of ends) end();
  expect(begun).toEqual([0, 1, 2, 3, 4, 6, 7, 8]);
  discards.start(() => begun.push(9));
  expect(begun.at(-1)).toBe(9);
});
