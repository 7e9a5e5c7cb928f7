import { expect, test, vi } from 'vitest';
import { Quantity } from '../../../shared/runtime/quantity.ts';
import { canonicalQuantity } from '../../../shared/runtime/serializer/scalars/quantity.ts';

test.each([
  ['0', '0', 'DecimalSI'],
  ['00', '0', 'DecimalSI'],
  ['100m', '100m', 'DecimalSI'],
  ['0.1', '100m', 'DecimalSI'],
  ['1.5', '1500m', 'DecimalSI'],
  ['1000m', '1', 'DecimalSI'],
  ['1000', '1k', 'DecimalSI'],
  ['1200', '1200', 'DecimalSI'],
  ['12000000', '12M', 'DecimalSI'],
  ['1k', '1k', 'DecimalSI'],
  ['1Ki', '1Ki', 'BinarySI'],
  ['1024Ki', '1Mi', 'BinarySI'],
  ['1.5Gi', '1536Mi', 'BinarySI'],
  ['0.5Ki', '512', 'BinarySI'],
  ['0.0001Ki', '102400u', 'DecimalSI'],
  ['1e3', '1e3', 'DecimalExponent'],
  ['1E6', '1E6', 'DecimalExponent'],
  ['12.5e3', '12500', 'DecimalExponent'],
  ['1E', '1E', 'DecimalSI'],
  ['-1Gi', '-1Gi', 'BinarySI'],
  ['-0.5', '-500m', 'DecimalSI'],
  ['.5', '500m', 'DecimalSI'],
  ['1.', '1.', 'DecimalSI'],
  ['.', '0', 'DecimalSI'],
  ['1n', '1n', 'DecimalSI'],
  ['0.1n', '1n', 'DecimalSI'],
  ['-0.1n', '-1n', 'DecimalSI'],
  ['100Ei', '9223372036854775807', 'BinarySI'],
])('%s is %s in %s', (text, canonical, format) => {
  const quantity = Quantity.parse(text);
  expect([quantity.toString(), quantity.format]).toEqual([canonical, format]);
});

test.each([
  ['', /^quantities must match/],
  ['1 ', /^quantities must match/],
  ['1.1.1', /^quantities must match/],
  ['one', /^quantities must match/],
  ['1mi', /^unable to parse quantity's suffix$/],
  ['1e', /^unable to parse quantity's suffix$/],
  ['1ki', /^unable to parse quantity's suffix$/],
  ['1e999999999', /^unable to parse quantity's suffix$/],
])('%j is rejected', (text, message) => {
  expect(() => Quantity.parse(text)).toThrow(message);
});

const q = Quantity.parse;

test('arithmetic is exact and keeps the left format, unless that is zero', () => {
  expect(q('1Gi').add(q('1M')).toString()).toBe('1074741824');
  expect(q('100m').add(q('0.9')).toString()).toBe('1');
  expect(q('0').add(q('1Gi')).toString()).toBe('1Gi');
  expect(q('0').sub(q('1Gi')).toString()).toBe('-1Gi');
  expect(q('1').sub(q('1m')).toString()).toBe('999m');
  expect(q('250m').mul(3).toString()).toBe('750m');
  expect(q('1Gi').neg().sign).toBe(-1);
});

test('comparison is by value', () => {
  expect(q('1000m').cmp(q('1'))).toBe(0);
  expect(q('1Ki').cmp(q('1k'))).toBe(1);
  expect(q('1n').cmp(q('1u'))).toBe(-1);
});

test('integers round away from zero', () => {
  expect([q('1.1').value(), q('-1.1').value(), q('1.0001').milliValue()]).toEqual([2n, -2n, 1001n]);
  expect([q('1.5').asInt64(), q('3k').asInt64(), q('10E').asInt64()]).toEqual([undefined, 3000n, undefined]);
  expect(q('2.5').asNumber()).toBe(2.5);
});

test('rounding up keeps coarser values as written', () => {
  expect(['1.500', '1u', '-1500u', '2Ki'].map((text) => q(text).roundUp(-3).toString())).toEqual([
    '1.500',
    '1m',
    '-2m',
    '2Ki',
  ]);
});

test.each<[string, number]>([
  ['0.50713', 1],
  [`0.${'0'.repeat(50)}5`, 2],
])('the canonical form of %s is computed %i times for two uses', (text, expected) => {
  const parse = vi.spyOn(Quantity, 'parse');
  for (let i = 0; i < 2; i++) canonicalQuantity(text);
  expect(parse).toHaveBeenCalledTimes(expected);
  parse.mockRestore();
});
