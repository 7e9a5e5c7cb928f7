import { expect, test } from 'vitest';
import { joinBytes } from '../../../shared/util/join-bytes.ts';

test.each([
  ['no parts', 0, 0],
  ['a few bytes', 3, 5],
  ['many parts of several megabytes together', 40_000, 91],
  ['large parts', 3, 1_500_000],
])('%s', async (_, count, length) => {
  const parts = Array.from({ length: count }, (_, n) => new Uint8Array(length).fill(n % 251));
  const joined = await joinBytes(parts);
  expect(Buffer.compare(joined, Buffer.concat(parts))).toBe(0);
});
