/**
 * String formats supported in schemas of custom resources
 * (https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/validation/formats.go).
 */

import type { JSONSchemaProps } from '../../../apis/apiextensions/v1/types.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { parseCIDR, parseIP } from '../../../util/ip.ts';
import { parseRequestURI } from '../../../util/request-uri.ts';
import { isCreditCard, isISBN10, isISBN13 } from './checksum.ts';
import { isEmail } from './email.ts';
import { isDate, isDateTime, isDuration } from './time.ts';

const WORD = String.raw`a-zA-Z0-9\p{S}\p{L}`;
const HOSTNAME = new RegExp(
  `^(?:[${WORD}](?:-?[${WORD}]{0,62})?|(?:[${WORD}](?:[${WORD}\\-]{0,61}[${WORD}])?\\.)+[a-zA-Z\\p{L}]{2,63})$`,
  'u',
);
const OCTET = String.raw`\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*`;

const matches =
  (pattern: RegExp) =>
  (text: string): boolean =>
    pattern.test(text);

function isHostname(text: string): boolean {
  return (
    HOSTNAME.test(text) && byteLength(text) <= 255 && text.split('.').every((part) => byteLength(part) <= 63)
  );
}

const MAC_FORMS: readonly RegExp[] = [
  /^[0-9a-fA-F]{2}(?:(?::[0-9a-fA-F]{2}){5}|(?::[0-9a-fA-F]{2}){7}|(?::[0-9a-fA-F]{2}){19})$/,
  /^[0-9a-fA-F]{2}(?:(?:-[0-9a-fA-F]{2}){5}|(?:-[0-9a-fA-F]{2}){7}|(?:-[0-9a-fA-F]{2}){19})$/,
  /^[0-9a-fA-F]{4}(?:(?:\.[0-9a-fA-F]{4}){2}|(?:\.[0-9a-fA-F]{4}){3}|(?:\.[0-9a-fA-F]{4}){9})$/,
];

/** Keys are normalized, without dashes. */
const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['bsonobjectid', matches(/^[0-9a-fA-F]{24}$/)],
  ['uri', (text) => parseRequestURI(text) !== undefined],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', (text) => text.includes('.') && parseIP(text) !== undefined],
  ['ipv6', (text) => text.includes(':') && parseIP(text)?.leadingZeros === false],
  ['cidr', (text) => parseCIDR(text) !== undefined],
  ['mac', (text) => MAC_FORMS.some((form) => form.test(text))],
  ['uuid', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ['uuid3', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ['uuid4', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ['uuid5', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ['isbn', (text) => isISBN10(text) || isISBN13(text)],
  ['isbn10', isISBN10],
  ['isbn13', isISBN13],
  ['creditcard', isCreditCard],
  ['ssn', (text) => text.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ['hexcolor', matches(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)],
  ['rgbcolor', matches(new RegExp(`^rgb\\(${OCTET},${OCTET},${OCTET}\\)$`))],
  ['byte', matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/)],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', (text) => isDNS1123Label(text).length === 0],
  ['k8slongname', (text) => isDNS1123Subdomain(text).length === 0],
]);

const normalize = (format: string): string => format.replaceAll('-', '');

/** The predicate of a string format; undefined if it doesn't apply to strings. */
export function stringFormat(format: string): ((text: string) => boolean) | undefined {
  return FORMATS.get(normalize(format));
}

const NUMERIC: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};

/** Whether a format applies to the schema's type. Others are ignored, with a warning when the definition is written. */
export function isRecognizedFormat({ type = '', format = '' }: JSONSchemaProps): boolean {
  if (type === '' || type === 'string') return FORMATS.has(normalize(format));
  return NUMERIC[type]?.includes(format) ?? false;
}
