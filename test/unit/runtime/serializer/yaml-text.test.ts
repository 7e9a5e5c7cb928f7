import { expect, test } from 'vitest';
import { textOfYAML } from '../../../../shared/runtime/serializer/yaml/yaml-text.ts';

const utf16 = (text: string, swap: boolean): Uint8Array => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return swap ? bytes.swap16() : bytes;
};

test.each<[string, Uint8Array, string]>([
  ['UTF-8', Buffer.from('a: ä€😀'), 'a: ä€😀'],
  ['UTF-8 with a byte order mark', Buffer.from('\ufeffa: b'), 'a: b'],
  ['UTF-16, little endian', utf16('a: ä😀', false), 'a: ä😀'],
  ['UTF-16, big endian', utf16('a: ä😀', true), 'a: ä😀'],
])('%s', (_, bytes, text) => {
  expect(textOfYAML(bytes)).toBe(text);
});

test.each<[number[], string]>([
  [[0xff], 'invalid leading UTF-8 octet'],
  [[0x80], 'invalid leading UTF-8 octet'],
  [[0xc0, 0xae], 'invalid length of a UTF-8 sequence'],
  [[0xe0, 0x80, 0xaf], 'invalid length of a UTF-8 sequence'],
  [[0xc3, 0x28], 'invalid trailing UTF-8 octet'],
  [[0xe2, 0x82], 'incomplete UTF-8 octet sequence'],
  [[0xed, 0xa0, 0x80], 'invalid Unicode character'],
  [[0xf4, 0x90, 0x80, 0x80], 'invalid Unicode character'],
])('invalid octets: %j', (octets, why) => {
  expect(() => textOfYAML(Uint8Array.from([0x61, 0x3a, 0x20, 0xc3, 0xa4, ...octets]))).toThrow(
    `yaml: ${why}`,
  );
});
