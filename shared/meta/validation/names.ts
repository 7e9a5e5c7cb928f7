/**
 * Formats of names, label keys and label values
 * (https://github.com/kubernetes/apimachinery/tree/master/pkg/api/validate/content). Each function returns one text per
 * violated rule; none if the value is valid.
 */

import { appendAll } from '../../util/append-all.ts';
import { byteLength, EMPTY_ERROR, maxBytesError, maxLenError, regexError } from './format.ts';

const DNS1123_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS1123_LABEL_MESSAGE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const DNS1123_SUBDOMAIN = `${DNS1123_LABEL}(\\.${DNS1123_LABEL})*`;
const DNS1123_SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const DNS1035_LABEL = '[a-z]([-a-z0-9]*[a-z0-9])?';
const DNS1035_LABEL_MESSAGE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const LABEL_KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_KEY_MESSAGE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LABEL_VALUE = `(${LABEL_KEY})?`;
const LABEL_VALUE_MESSAGE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

const UNDERSCORE_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const UNDERSCORE_SUBDOMAIN = `${UNDERSCORE_LABEL}(\\.${UNDERSCORE_LABEL})*`;
const UNDERSCORE_SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
const CASELESS_SUBDOMAIN_MESSAGE =
  "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const WILDCARD_SUBDOMAIN = `\\*\\.${DNS1123_SUBDOMAIN}`;
const WILDCARD_SUBDOMAIN_MESSAGE =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";

const LABEL_MAX_LENGTH = 63;
export const DNS1123_LABEL_MAX_LENGTH = 63;
export const DNS1123_SUBDOMAIN_MAX_LENGTH = 253;

// Anchored and without nested quantifiers, so that long invalid input takes linear time.
const dns1123Label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const underscoreLabel = /^_?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;
const dns1035Label = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const labelKeyName = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
/** For values whose total length doesn't exceed that of a label. */
const shortQualifiedName =
  /^(?:[a-z0-9]+(?:(?:-+|\.)[a-z0-9]+)*\/)?(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const matchesSubdomain = (value: string): boolean =>
  value.split('.').every((label) => dns1123Label.test(label));

function subdomainLength(value: string, lengthError = maxLenError): string[] {
  return byteLength(value) > DNS1123_SUBDOMAIN_MAX_LENGTH ? [lengthError(DNS1123_SUBDOMAIN_MAX_LENGTH)] : [];
}

/** `lengthError` is the text for values that are too long; declared rules count in bytes. */
export function isDNS1123Label(value: string, lengthError = maxLenError): string[] {
  const errors: string[] = [];
  if (byteLength(value) > LABEL_MAX_LENGTH) errors.push(lengthError(LABEL_MAX_LENGTH));
  if (!dns1123Label.test(value)) {
    errors.push(
      matchesSubdomain(value)
        ? 'must not contain dots'
        : regexError(DNS1123_LABEL_MESSAGE, DNS1123_LABEL, 'my-name', '123-abc'),
    );
  }
  return errors;
}

/** For `lengthError` see `isDNS1123Label`. */
export function isDNS1123Subdomain(value: string, lengthError = maxLenError): string[] {
  const errors = subdomainLength(value, lengthError);
  if (!matchesSubdomain(value)) {
    errors.push(regexError(DNS1123_SUBDOMAIN_MESSAGE, DNS1123_SUBDOMAIN, 'example.com'));
  }
  return errors;
}

/**
 * For names that have always been case-insensitive, such as those of CSI drivers. For `lengthError` see
 * `isDNS1123Label`.
 */
export function isDNS1123SubdomainCaseless(value: string, lengthError = maxLenError): string[] {
  const errors = subdomainLength(value, lengthError);
  if (!matchesSubdomain(value.toLowerCase())) {
    errors.push(regexError(CASELESS_SUBDOMAIN_MESSAGE, DNS1123_SUBDOMAIN, 'Example.com'));
  }
  return errors;
}

export function isDNS1123SubdomainWithUnderscore(value: string): string[] {
  const errors = subdomainLength(value);
  if (!value.split('.').every((label) => underscoreLabel.test(label))) {
    errors.push(regexError(UNDERSCORE_SUBDOMAIN_MESSAGE, UNDERSCORE_SUBDOMAIN, 'example.com'));
  }
  return errors;
}

export function isWildcardDNS1123Subdomain(value: string): string[] {
  const errors = subdomainLength(value);
  if (!value.startsWith('*.') || !matchesSubdomain(value.slice(2))) {
    errors.push(regexError(WILDCARD_SUBDOMAIN_MESSAGE, WILDCARD_SUBDOMAIN, '*.example.com'));
  }
  return errors;
}

export function isDNS1035Label(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > LABEL_MAX_LENGTH) errors.push(maxLenError(LABEL_MAX_LENGTH));
  if (!dns1035Label.test(value)) {
    errors.push(regexError(DNS1035_LABEL_MESSAGE, DNS1035_LABEL, 'my-name', 'abc-123'));
  }
  return errors;
}

/** The same limit as for names with another text. */
function prefixErrors(prefix: string): string[] {
  const tooLong = maxLenError(DNS1123_SUBDOMAIN_MAX_LENGTH);
  return isDNS1123Subdomain(prefix).map(
    (text) => `prefix part ${text === tooLong ? maxBytesError(DNS1123_SUBDOMAIN_MAX_LENGTH) : text}`,
  );
}

/** Label keys, annotation keys, finalizers, condition types: an optional DNS prefix and a name. */
export function isQualifiedName(value: string): string[] {
  // Fast path for nearly all values; selectors may have tens of thousands.
  if (value.length <= LABEL_MAX_LENGTH && shortQualifiedName.test(value)) return [];
  const parts = value.split('/');
  if (parts.length > 2) {
    const form = regexError(LABEL_KEY_MESSAGE, LABEL_KEY, 'MyName', 'my.name', '123-abc');
    return [
      `a valid label key ${form} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const errors: string[] = [];
  const name = parts[parts.length - 1]!;
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === '') errors.push(`prefix part ${EMPTY_ERROR}`);
    else appendAll(errors, prefixErrors(prefix));
  }
  if (name === '') errors.push(`name part ${EMPTY_ERROR}`);
  else if (byteLength(name) > LABEL_MAX_LENGTH) errors.push(`name part ${maxBytesError(LABEL_MAX_LENGTH)}`);
  if (!labelKeyName.test(name)) {
    errors.push(`name part ${regexError(LABEL_KEY_MESSAGE, LABEL_KEY, 'MyName', 'my.name', '123-abc')}`);
  }
  return errors;
}

/** A qualified name with a prefix (upstream's `content.IsPrefixedLabelKey`). */
export function isPrefixedLabelKey(value: string): string[] {
  const errors = isQualifiedName(value);
  if (errors.length > 0 || value.includes('/')) return errors;
  return ["must include a prefix (e.g. 'example.com/key')"];
}

export function isValidLabelValue(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > LABEL_MAX_LENGTH) errors.push(maxBytesError(LABEL_MAX_LENGTH));
  if (value !== '' && !labelKeyName.test(value)) {
    errors.push(regexError(LABEL_VALUE_MESSAGE, LABEL_VALUE, 'MyValue', 'my_value', '12345'));
  }
  return errors;
}

function isPathSegmentPrefix(name: string): string[] {
  return ['/', '%']
    .filter((illegal) => name.includes(illegal))
    .map((illegal) => `may not contain '${illegal}'`);
}

/** The minimal rule for all names, which occur in URLs and storage keys. */
export function isPathSegmentName(name: string): string[] {
  return name === '.' || name === '..' ? [`may not be '${name}'`] : isPathSegmentPrefix(name);
}

/** `prefix` if the name is a `generateName`; undefined for a whole name. */
export type NamePart = 'prefix';

/** A prefix may end in dashes, because a suffix follows. Replaces two characters by one, like upstream. */
const masked = (name: string, part: NamePart | undefined): string =>
  part === 'prefix' && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;

export const nameIsDNSSubdomain = (name: string, part?: NamePart): string[] =>
  isDNS1123Subdomain(masked(name, part));
export const nameIsDNSLabel = (name: string, part?: NamePart): string[] => isDNS1123Label(masked(name, part));
export const nameIsDNS1035Label = (name: string, part?: NamePart): string[] =>
  isDNS1035Label(masked(name, part));
export const nameIsPathSegment = (name: string, part?: NamePart): string[] =>
  part === 'prefix' ? isPathSegmentPrefix(name) : isPathSegmentName(name);
