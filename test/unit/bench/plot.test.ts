import { expect, test } from 'vitest';
import { plotRates } from '../../bench/plot.ts';

const PAGE = `Some words.

| request | connections | per second | of a bare server |
| --- | --- | --- | --- |
| GET a <pod> | 1 | 787 | 17 % |
| LIST | 16 | 1.5k, 2 failed | |
| EMPTY | 64 | | |

| other figures | |
| --- | --- |
| start | 827 ms |
`;

test('one bar per rate, the longest for the highest', () => {
  const svg = plotRates('server', PAGE)!;
  const bars = [...svg.matchAll(/<rect [^>]*width="(\d+)"/g)].map(([, width]) => Number(width));
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, content]) => content);
  expect(texts).toEqual([
    'per second',
    'GET a &#60;pod&#62;, 1 connections',
    '787',
    'LIST, 16 connections',
    '1.5k, 2 failed',
  ]);
  expect(bars).toEqual([205, 390]);
});

test('nothing to plot', () => {
  expect(plotRates('server', '| a | b |\n| --- | --- |\n| c | 5 ms |')).toBeUndefined();
});
