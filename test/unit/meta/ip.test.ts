import { expect, test } from 'vitest';
import { formatFieldError } from '../../../shared/meta/field-error.ts';
import { FieldPath } from '../../../shared/meta/field-path.ts';
import {
  isValidCIDR,
  isValidCIDRForLegacyField,
  isValidIP,
  isValidIPForLegacyField,
  warningsForCIDR,
  warningsForIP,
} from '../../../shared/meta/validation/ip.ts';
import {
  formatCIDR,
  formatIP,
  isLinkLocalMulticast,
  isLinkLocalUnicast,
  isLoopback,
  parseCIDR,
  parseIP,
} from '../../../shared/util/ip.ts';
import fc from '../../fixtures/fuzz.ts';

test.each<[string, string | undefined]>([
  ['1.2.3.4', '1.2.3.4'],
  ['010.002.003.004', '10.2.3.4'],
  ['1.2.3', undefined],
  ['1.2.3.256', undefined],
  ['1.2.3.4 ', undefined],
  ['::', '::'],
  ['::1', '::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['1:2:3:4:5:6:7:8::', undefined],
  ['::1::', undefined],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ['1.2.3.4::', undefined],
  ['fe80::1%eth0', undefined],
  ['12345::', undefined],
  ['', undefined],
])('%j is %j', (text, canonical) => {
  const ip = parseIP(text);
  expect(ip && formatIP(ip)).toBe(canonical);
});

test.each<[string, string | undefined]>([
  ['10.0.0.1/8', '10.0.0.0/8'],
  ['2001:db8::1/64', '2001:db8::/64'],
  ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
  ['10.0.0.0/33', undefined],
  ['10.0.0.0', undefined],
  ['/8', undefined],
  ['0.0.0.0/0', '0.0.0.0/0'],
])('range %j is %j', (text, canonical) => {
  const cidr = parseCIDR(text);
  expect(cidr && formatCIDR(cidr)).toBe(canonical);
});

const path = FieldPath.of('ip');
const messages = (errors: Parameters<typeof formatFieldError>[0][]): string[] => errors.map(formatFieldError);

test.each([
  [isValidIPForLegacyField(path, '1.2.3.4'), []],
  [
    isValidIPForLegacyField(path, 'x'),
    ['ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ],
  [isValidIPForLegacyField(path, '01.2.3.4'), ['ip: Invalid value: "01.2.3.4": must not have leading 0s']],
  [isValidIPForLegacyField(path, '01.2.3.4', new Set(['01.2.3.4'])), []],
  [
    isValidIPForLegacyField(path, '::ffff:1.2.3.4'),
    ['ip: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address'],
  ],
  [isValidIP(path, 'FE80::1'), ['ip: Invalid value: "FE80::1": must be in canonical form ("fe80::1")']],
  [
    isValidCIDRForLegacyField(path, '10.0.0.1/8'),
    ['ip: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length'],
  ],
  [
    isValidCIDRForLegacyField(path, '10.0.0.0/08'),
    ['ip: Invalid value: "10.0.0.0/08": must not have leading 0s in IP or prefix length'],
  ],
  [
    isValidCIDRForLegacyField(path, '10.0.0.0'),
    ['ip: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
  ],
  [
    isValidCIDR(path, '2001:DB8::/64'),
    ['ip: Invalid value: "2001:DB8::/64": must be in canonical form ("2001:db8::/64")'],
  ],
])('rules %#', (errors, expected) => {
  expect(messages(errors)).toEqual(expected);
});

test.each([
  [warningsForIP(path, '1.2.3.4'), []],
  [warningsForIP(path, '01.2.3.4'), ['ip: non-standard IP address "01.2.3.4" is invalid: use "1.2.3.4"']],
  [
    warningsForIP(path, '2001:DB8::'),
    ['ip: IPv6 address "2001:DB8::" should be in RFC 5952 canonical format ("2001:db8::")'],
  ],
  [
    warningsForCIDR(path, '10.0.0.1/08'),
    [
      'ip: CIDR value "10.0.0.1/08" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
      'ip: non-standard CIDR value "10.0.0.1/08" is invalid: use "10.0.0.0/8"',
    ],
  ],
])('warnings %#', (warnings, expected) => {
  expect(warnings).toEqual(expected);
});

test('addresses have their kinds and ranges', () => {
  const kinds = (text: string): boolean[] => {
    const ip = parseIP(text)!;
    return [isLoopback(ip), isLinkLocalUnicast(ip), isLinkLocalMulticast(ip)];
  };
  expect(
    ['127.9.0.1', '::1', '169.254.1.1', 'fe80::1', '224.0.0.5', 'ff02::1', '8.8.8.8'].map(kinds),
  ).toEqual([
    [true, false, false],
    [true, false, false],
    [false, true, false],
    [false, true, false],
    [false, false, true],
    [false, false, true],
    [false, false, false],
  ]);
});

test('every address survives its canonical text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const canonical = formatIP(parseIP(text)!);
      expect(formatIP(parseIP(canonical)!)).toBe(canonical);
    }),
  );
});
