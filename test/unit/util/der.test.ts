import { expect, test } from 'vitest';
import { objectIdentifier, readDER } from '../../../shared/util/der.ts';

const oid = (...content: number[]) =>
  objectIdentifier(readDER(Uint8Array.from([6, content.length, ...content]), 6));

test.each<[string, number[]]>([
  ['2.5.4.3', [0x55, 4, 3]],
  ['1.2.840.113549.1.1.11', [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b]],
  ['0.9', [9]],
  ['2.999', [0x88, 0x37]],
  ['1.3.2147483647', [0x2b, 0x87, 0xff, 0xff, 0xff, 0x7f]],
])('%s', (expected, content) => {
  expect(oid(...content)).toBe(expected);
});

test.each<[string, number[], string]>([
  ['another encoding of 2.5.4.3', [0x55, 4, 0x80, 3], 'not minimal'],
  ['a first arc with leading zeros', [0x80, 0x55, 4, 3], 'not minimal'],
  ['a truncated arc', [0x55, 4, 0x83], 'bad object identifier'],
  ['none', [], 'bad object identifier'],
  ['an arc beyond integers', [0x2b, 0x88, 0x80, 0x80, 0x80, 0], 'too large'],
])('rejected: %s', (_name, content, message) => {
  expect(() => oid(...content)).toThrow(message);
});

test('rejected: an invalid object identifier', () => {
  expect(() => objectIdentifier(readDER(Uint8Array.from([4, 1, 9]), 4))).toThrow('bad object identifier');
});
