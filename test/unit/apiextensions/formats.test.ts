import { expect, test } from 'vitest';
import {
  isRecognizedFormat,
  stringFormat,
} from '../../../shared/apiextensions/validation/formats/formats.ts';

/** Format, valid texts, invalid texts. */
const FORMATS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['bsonobjectid', ['507f1f77bcf86cd799439011'], ['507f1f77', '507f1f77bcf86cd79943901g']],
  [
    'uri',
    ['https://a.example:8080/x?y#z', '/path', 'urn:isbn:1', 'http://[::1]:80/', '*'],
    ['', 'a b', 'path', 'http://a:b', ':x', '/%zz', 'http://a b/'],
  ],
  [
    'email',
    ['me@example.com', 'Some One <me@example.com>', '"a b"@c', 'me@[127.0.0.1]'],
    ['', 'me', 'me@', '@b', 'a..b@c', 'me@example.com extra', '<me@example.com'],
  ],
  [
    'hostname',
    ['a', 'example.com', '1a.example.org', 'a-b.cd'],
    ['', 'a_b', '-a', 'a.b', `${'a'.repeat(64)}.com`],
  ],
  ['ipv4', ['10.0.0.1', '010.0.0.1', '::ffff:1.2.3.4'], ['10.0.0', '10.0.0.256', '::1', 'a']],
  [
    'ipv6',
    ['::1', 'fe80::1', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4'],
    ['10.0.0.1', ':::1', '1:2:3:4:5:6:7', 'fe80::1%eth0', '1:2:3:4:5:6:7:8:9'],
  ],
  ['cidr', ['10.0.0.0/8', '::/0', '010.0.0.0/8'], ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '/8']],
  [
    'mac',
    ['01:23:45:67:89:ab', '01-23-45-67-89-AB', '0123.4567.89ab'],
    ['01:23:45:67:89', '01:23-45:67:89:ab'],
  ],
  ['uuid', ['A1B2C3D4-0000-1000-8000-000000000000', 'a1b2c3d4000010008000000000000000'], ['a1b2c3d4']],
  ['uuid3', ['a1b2c3d4-0000-3000-8000-000000000000'], ['a1b2c3d4-0000-4000-8000-000000000000']],
  ['uuid4', ['a1b2c3d4-0000-4000-8000-000000000000'], ['a1b2c3d4-0000-4000-7000-000000000000']],
  ['uuid5', ['a1b2c3d4-0000-5000-8000-000000000000'], ['a1b2c3d4-0000-4000-8000-000000000000']],
  ['isbn', ['0321751043', '978-0321751041'], ['0321751044', '978-0321751042']],
  ['isbn10', ['0-321-75104-3', '080442957X'], ['9780321751041']],
  ['isbn13', ['978-0321751041'], ['0321751043']],
  ['creditcard', ['4111-1111-1111-1111'], ['4111-1111-1111-1112', '1234']],
  ['ssn', ['111-11-1111', '111 11 1111'], ['111-111111', '111111111']],
  ['hexcolor', ['#FFF', 'ffffff'], ['#ffff', 'red']],
  ['rgbcolor', ['rgb(0,10,255)', 'rgb( 1 , 2 , 3 )'], ['rgb(0,0,256)', 'rgb(0,0)']],
  ['byte', ['aGk=', 'aGkh'], ['', 'aGk', 'a-b=']],
  ['password', ['', 'x'], []],
  ['date', ['2024-02-29', '2006-01-02'], ['2023-02-29', '2006-1-2', '2006-13-01', '2006-01-02T00:00:00Z']],
  ['duration', ['22ns', '1h30m', '-1.5s', '0', '3 weeks', '1 hr'], ['', 'x', '1', '5 parsecs']],
  [
    'date-time',
    ['2014-12-15T19:30:20.000Z', '2014-12-15t19:30:20+01:00'],
    ['2014-12-15', '2014-12-15T24:00:00Z', '2014-12-15T19:30:20'],
  ],
  ['k8s-short-name', ['a-1'], ['A', 'a.b', '-a']],
  ['k8s-long-name', ['a.b-c.d'], ['a..b', 'A.b']],
];

test.each(FORMATS)('%s', (format, good, bad) => {
  const matches = stringFormat(format)!;
  expect(good.filter((text) => !matches(text))).toEqual([]);
  expect(bad.filter((text) => matches(text))).toEqual([]);
});

test.each([
  ['string', 'date-time', true],
  ['', 'email', true],
  ['string', 'int32', false],
  ['integer', 'int32', true],
  ['integer', 'email', false],
  ['number', 'double', true],
  ['object', 'email', false],
] as const)('a %s may have the format %s: %s', (type, format, recognized) => {
  expect(isRecognizedFormat({ type, format })).toBe(recognized);
});
