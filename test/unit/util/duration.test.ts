import { expect, test } from 'vitest';
import { parseDuration } from '../../../shared/util/duration.ts';

test.each<[text: string, milliseconds: number | undefined]>([
  ['1s', 1000],
  ['1h30m', 5_400_000],
  ['1.5s', 1500],
  ['.5s', 500],
  ['500ms', 500],
  ['-2m', -120_000],
  ['+1s', 1000],
  ['1µs', 0.001],
  ['0', 0],
  ['', undefined],
  ['1', undefined],
  ['s', undefined],
  ['1d', undefined],
  ['1s ', undefined],
])('%j', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});
